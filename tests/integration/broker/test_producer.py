"""Sending events: what is counted as accepted is there, whatever happens to the gate."""

import threading
import time

import orjson
import pytest

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from tests.integration.broker.gated import GatedBrokers, read_everything
from tests.waiting import eventually

pytestmark = pytest.mark.server

TOPICS = ("touchpoints.web", "touchpoints.store")


def event(number: int) -> bytes:
    return orjson.dumps({"n": number, "text": "x" * 300})


def numbers(values: list[bytes]) -> list[int]:
    return [found["n"] for value in values for found in orjson.loads(value)]


def test_all_events_arrive_packed(brokers: GatedBrokers) -> None:
    with EventProducer(brokers.servers) as producer:
        for number in range(5_000):
            producer.send(TOPICS[number % 2], event(number), number)
    assert (producer.accepted, producer.failed) == (5_000, 0)
    values = read_everything(brokers.servers[0], TOPICS, 5_000)
    assert sorted(numbers(values)) == list(range(5_000))
    assert len(values) == 26


def test_a_large_event_travels_alone(brokers: GatedBrokers) -> None:
    with EventProducer(brokers.servers) as producer:
        for size in (10, 400_000, 10):
            producer.send("touchpoints.web", orjson.dumps({"n": size, "text": "x" * size}))
    assert producer.accepted == 3
    values = read_everything(brokers.servers[0], ["touchpoints.web"], 3)
    assert [len(orjson.loads(value)) for value in sorted(values, key=len)] == [1, 1, 1]


def test_nothing_accepted_is_lost_when_the_gate_moves_to_a_fresh_broker(brokers: GatedBrokers) -> None:
    with EventProducer(brokers.servers) as first:
        first.send("touchpoints.web", event(-1))
    old, fresh = next(iter(brokers.private_ports)), brokers.new_broker()
    moved = threading.Timer(0.3, lambda: brokers.open_gate(fresh))
    moved.start()
    with EventProducer(brokers.servers) as producer:
        for number in range(4_000):
            producer.send("touchpoints.web", event(number), number)
            if number % 200 == 0:
                time.sleep(0.03)
    moved.join()
    assert (producer.accepted, producer.failed) == (4_000, 0)
    before = numbers(read_everything(f"127.0.0.1:{old}", ["touchpoints.web"], 4_001, seconds=3))
    after = numbers(read_everything(f"127.0.0.1:{fresh}", ["touchpoints.web"], 4_000, seconds=3))
    assert before
    assert after
    assert set(before) | set(after) == set(range(-1, 4_000))


def test_what_the_broker_does_not_take_in_time_is_reported_by_position(brokers: GatedBrokers) -> None:
    failures: list[SendFailure] = []
    with EventProducer(brokers.servers, failures.append, delivery_timeout_ms=1_500) as producer:
        producer.send("touchpoints.web", event(1), 1)
        producer.flush()
        brokers.shut_gate()
        producer.send("touchpoints.web", event(2), 2)
        producer.send("touchpoints.web", event(3), 3)
    assert (producer.accepted, producer.failed) == (1, 2)
    assert [failure.position for failure in failures] == [2, 3]


def test_what_ends_it_in_mid_stream_is_told_as_it_is(brokers: GatedBrokers) -> None:
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        send_until_interrupted(brokers)
    assert eventually(lambda: set(threading.enumerate()) <= before)


def send_until_interrupted(brokers: GatedBrokers) -> None:
    with EventProducer(brokers.servers) as producer:
        for number in range(5_000):
            producer.send("touchpoints.web", event(number), number)
        raise KeyboardInterrupt
