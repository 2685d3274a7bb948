"""The server: routes, start, and a stop that finishes what is in flight."""

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.engine import DataDirectoryInUseError, Engine
from pipeline.adapters.clickhouse.endpoint.handler import Handler
from pipeline.adapters.clickhouse.endpoint.roles import DEFAULT_ROLES, Role

logger = logging.getLogger("touchline.clickhouse")


@dataclass(frozen=True)
class EndpointPolicy:
    """How the endpoint serves."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8123
    roles: Sequence[Role] = DEFAULT_ROLES
    threads: int = 32
    drain_seconds: float = 10.0
    """How long requests in flight may take to end once the server is told to stop."""


def create_application(engine: Engine, policy: EndpointPolicy, threads: ThreadPoolExecutor) -> web.Application:
    """The routes of ClickHouse's HTTP interface over an open engine."""
    application = web.Application(client_max_size=0)
    handler = Handler(engine, {role.name: role for role in policy.roles}, threads, engine.time_zone())
    application.router.add_route("GET", "/", handler)
    application.router.add_route("POST", "/", handler)
    for path in ("/ping", "/replicas_status"):
        application.router.add_get(path, _alive)
    return application


async def serve(policy: EndpointPolicy) -> None:
    """Serve until SIGTERM or SIGINT; raises `DataDirectoryInUseError` and `OSError` (address in use)."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    engine = Engine(policy.data)
    with ThreadPoolExecutor(policy.threads, thread_name_prefix="engine") as threads:
        try:
            runner = web.AppRunner(
                create_application(engine, policy, threads),
                access_log=None,
                auto_decompress=False,
                handler_cancellation=True,
                shutdown_timeout=policy.drain_seconds,
            )
            await runner.setup()
            try:
                await web.TCPSite(runner, policy.host, policy.port).start()
                address = runner.addresses[0]
                print(f"ready http://{address[0]}:{address[1]}", flush=True)  # noqa: T201 - the contract with whoever started it
                await stop.wait()
                logger.info("stopping")
            finally:
                await runner.cleanup()
        finally:
            engine.close()


def run(policy: EndpointPolicy) -> int:
    """Run the server in this process; returns its exit status."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(serve(policy))
    except (DataDirectoryInUseError, OSError) as error:
        logger.error("cannot start: %s", error)
        return 1
    return 0


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")
