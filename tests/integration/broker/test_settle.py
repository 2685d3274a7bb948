"""Settling on the embedded broker."""

import threading
import time

import pytest

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.ledger import KafkaLedger, settle
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.broker.settle import SettleTimeoutError
from pipeline.adapters.stack.ports import free_port
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS
from tests.integration.broker.gated import GatedBrokers, committing_workers

pytestmark = pytest.mark.server

GROUP = "touchline"


def send(brokers: GatedBrokers, count: int) -> None:
    with EventProducer(brokers.servers) as producer:
        for number in range(count):
            producer.send("touchpoints.web", b'{"n":%d}' % number)


def test_settles_once_everything_is_committed(brokers: GatedBrokers) -> None:
    send(brokers, 1_000)
    with committing_workers(brokers.servers[0], GROUP):
        settled = settle(brokers.servers, GROUP, 30)
        again = settle(brokers.servers, GROUP, 30)
    assert (settled.quiet, again.quiet, again.rounds) == (True, True, 1)


def test_without_workers_it_says_what_lags(brokers: GatedBrokers) -> None:
    send(brokers, 1_000)
    with pytest.raises(SettleTimeoutError, match=r"^not settled within 1 s;") as caught:
        settle(brokers.servers, GROUP, 1)
    behind = {lag.topic: 0 for lag in caught.value.lags}
    for lag in caught.value.lags:
        behind[lag.topic] += lag.behind
    assert behind == {topic: 7 if topic == "touchpoints.web" else 2 for topic in RAW_TOPICS}


def test_mail_that_nobody_handles_keeps_it_waiting(brokers: GatedBrokers) -> None:
    with (
        committing_workers(brokers.servers[0], GROUP, RAW_TOPICS),
        pytest.raises(SettleTimeoutError, match=r"touchline\.mail/0 by 1, touchline\.mail/1 by 1"),
    ):
        settle(brokers.servers, GROUP, 8)


def test_a_renewed_broker_is_settled_instead(brokers: GatedBrokers) -> None:
    send(brokers, 1_000)
    fresh = brokers.new_broker()
    outcome: list[bool] = []
    settling = threading.Thread(target=lambda: outcome.append(settle(brokers.servers, GROUP, 60).quiet))
    settling.start()
    time.sleep(1.5)  # it waits for the first broker's markers by now
    brokers.open_gate(fresh)
    with committing_workers(f"127.0.0.1:{fresh}", GROUP):
        settling.join(60)
    assert outcome == [True]


def test_a_broker_that_does_not_answer_yet_is_waited_for_if_asked_to(brokers: GatedBrokers) -> None:
    (broker,) = brokers.private_ports
    brokers.shut_gate()
    opening = threading.Timer(1.5, brokers.open_gate, [broker])
    opening.start()
    with committing_workers(f"127.0.0.1:{broker}", GROUP):
        assert settle(brokers.servers, GROUP, 60, patient=True).quiet
    opening.join()


def test_a_broker_that_hangs_is_not_waited_for_longer_than_it_may_take(brokers: GatedBrokers) -> None:
    began = time.monotonic()
    hanging = threading.Timer(1, brokers.hang)  # it waits for the markers by then
    hanging.start()
    with pytest.raises(BrokerUnavailableError):
        settle(brokers.servers, GROUP, 3)
    assert time.monotonic() - began < 10


def test_markers_that_a_hanging_broker_does_not_take_are_given_up(brokers: GatedBrokers) -> None:
    began = time.monotonic()
    with KafkaLedger(brokers.servers, GROUP, 2) as ledger:
        brokers.hang()
        with pytest.raises(BrokerUnavailableError):
            ledger.mark(MAIL_TOPIC)
    assert time.monotonic() - began < 10


def test_no_broker_is_an_outage() -> None:
    with pytest.raises(BrokerUnavailableError):
        settle([f"127.0.0.1:{free_port()}"], GROUP, 60)
