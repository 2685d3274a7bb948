"""Topics on the embedded broker."""

import socket
import threading
from collections.abc import Callable, Sequence

import pytest

from pipeline.adapters.broker import clients
from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.broker.servers import Servers
from pipeline.adapters.broker.topics import check_topics, ensure_topics
from pipeline.adapters.broker.watching import oldest_at, watch
from pipeline.adapters.stack.ports import free_port
from pipeline.settings.kafka import Kafka
from pipeline.settings.model import Topics
from tests.integration.broker.gated import TOPICS, GatedBrokers
from tests.waiting import eventually

pytestmark = pytest.mark.server


def test_creating_twice_changes_nothing(brokers: GatedBrokers) -> None:
    with BrokerAdmin(brokers.servers) as admin:
        ids = admin.topic_id("touchline.mail")
        again = ensure_topics(admin, TOPICS)
        assert [state.created for state in again] == [False] * 9
        assert all(state.fits for state in again)
        assert admin.topic_id("touchline.mail") == ids != ""


def test_another_number_of_partitions_is_reported_not_changed(brokers: GatedBrokers) -> None:
    with BrokerAdmin(brokers.servers) as admin:
        states = ensure_topics(admin, Topics(raw_partitions=2, mail_partitions=16))
        assert [state.plan.name for state in states if state.problem] == ["touchline.mail"]
        assert check_topics(admin, TOPICS)[-2].found == 2


def test_no_broker_is_an_outage_that_names_the_address() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerUnavailableError, match=f"the broker at {address} does not answer"):
        BrokerAdmin([address])


@pytest.mark.timeout(30)
@pytest.mark.parametrize("connect", [BrokerAdmin, EventProducer])
def test_a_listener_that_says_nothing_to_tls_is_an_outage(
    connect: Callable[[Sequence[str]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "TLS_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = Servers([f"127.0.0.1:{silent.getsockname()[1]}"], Kafka(tls=True))
        with pytest.raises(BrokerUnavailableError, match="does not answer"):
            connect(servers)


@pytest.mark.parametrize(
    "connect",
    [
        BrokerAdmin,
        lambda servers: next(watch(servers, ["touchpoints.web"], from_start=True)),
        lambda servers: oldest_at(servers, {}, seconds=0.1),
    ],
)
def test_an_attempt_to_connect_that_failed_is_over(connect: Callable[[Sequence[str]], object]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(BrokerUnavailableError):
        connect([f"127.0.0.1:{free_port()}"])
    assert eventually(lambda: set(threading.enumerate()) <= before)
