"""A collector in this process, over a broker that the test controls."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from msgspec.structs import replace

from agents.collector.app import create_application
from agents.collector.metrics import CollectorMetrics
from pipeline.settings.collector import Collector
from pipeline.settings.model import Settings
from tests.integration.collector.held_broker import HeldBroker

Client = TestClient[Request, Application]
NewCollector = Callable[..., Awaitable[Client]]


@pytest.fixture
def broker() -> HeldBroker:
    return HeldBroker()


@pytest.fixture
async def collector(broker: HeldBroker) -> AsyncIterator[NewCollector]:
    """A function that starts a collector with the given settings; it may be called several times."""
    clients: list[Client] = []

    async def new(**own: object) -> Client:
        settings = Settings(collector=replace(Collector(), **own))
        application = create_application(settings, broker, CollectorMetrics())
        server = TestServer(application, host="127.0.0.1")
        await server.start_server(auto_decompress=False)
        client: Client = TestClient(server)
        clients.append(client)
        return client

    yield new
    for client in clients:
        await client.close()
