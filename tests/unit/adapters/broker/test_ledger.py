"""Settling on a broker that answers, and does not do what it is asked for."""

from collections.abc import Mapping

import pytest
from kafka.errors import KafkaTimeoutError

from pipeline.adapters.broker import ledger
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.ledger import KafkaLedger, settle
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS


class Admin:
    """Answers."""

    def __init__(self, servers: object, answer_seconds: float) -> None: ...

    def partitions(self) -> dict[str, int]:
        return dict.fromkeys((*RAW_TOPICS, MAIL_TOPIC), 1)

    def topic_id(self, topic: str) -> str:
        return "1"

    def close(self) -> None: ...


class Reached:
    """A ledger that can be opened as often as one likes, on a broker that takes no markers."""

    opened = 0

    def __init__(self, servers: object, group: str, answer_seconds: float) -> None:
        Reached.opened += 1
        assert Reached.opened < 100, "it tries for ever"

    def mark(self, topic: str) -> Mapping[int, int]:
        raise BrokerUnavailableError("the broker at a:1 does not answer: TopicAuthorizationFailedError")

    def __enter__(self) -> "Reached":
        return self

    def __exit__(self, *_: object) -> None: ...


def test_a_broker_that_takes_no_markers_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "KafkaLedger", Reached)
    monkeypatch.setattr(ledger, "RECONNECT_SECONDS", 0.02)
    with pytest.raises(BrokerUnavailableError, match="TopicAuthorizationFailed"):
        settle(["a:1"], "touchline", 0.1)
    assert Reached.opened > 1


def test_a_broker_that_goes_away_while_one_connects_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_: object) -> None:
        raise KafkaTimeoutError

    monkeypatch.setattr(ledger, "BrokerAdmin", Admin)
    monkeypatch.setattr(ledger, "Producer", gone)
    with pytest.raises(BrokerUnavailableError, match="a:1"):
        KafkaLedger(["a:1"], "touchline")
