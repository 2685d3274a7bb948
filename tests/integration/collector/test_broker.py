"""What the collector answered with success is on the broker, whatever happens to the way there."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition

from agents.collector.broker import Broker, producers
from pipeline.adapters.stack.child import resident_bytes
from pipeline.collecting.sorting import sort_events
from tests.integration.broker.gated import GatedBrokers, read_everything
from tests.servers.collector import CollectorProcess
from tests.servers.http import Answer, ask

pytestmark = pytest.mark.server

TOPICS = ("touchpoints.web", "touchpoints.store")
ACKNOWLEDGE_MS = 2_000


def event(number: int) -> dict[str, object]:
    family = ("web", "store")[number % 2]
    return {"specversion": "1.0", "id": str(number), "source": "/s", "type": f"{family}.x", "data": {"n": number}}


def numbers(brokers: GatedBrokers, count: int, seconds: float = 30) -> list[int]:
    """The numbers of the events on the brokers, as often as they are there."""
    values = [
        value
        for port in brokers.private_ports
        for value in read_everything(f"127.0.0.1:{port}", TOPICS, count, seconds)
    ]
    return sorted(found["data"]["n"] for value in values for found in orjson.loads(value))


@pytest.fixture
def brokers() -> Iterator[GatedBrokers]:
    with GatedBrokers() as gated:
        yield gated


@pytest.fixture
def collector(brokers: GatedBrokers, tmp_path: Path) -> Iterator[CollectorProcess]:
    with CollectorProcess(
        tmp_path / "log", f"embedded://{brokers.servers[0]}", COLLECTOR__ACKNOWLEDGE_TIMEOUT=f"{ACKNOWLEDGE_MS}ms"
    ) as process:
        yield process


def test_events_arrive_once_at_their_topics(brokers: GatedBrokers, collector: CollectorProcess) -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = [[event(number) for number in range(start, start + 50)] for start in range(0, 2_000, 50)]
        answers = list(pool.map(collector.post, batches))
    assert [(answer.status, answer.json) for answer in answers] == [(202, {"accepted": 50})] * 40
    assert numbers(brokers, 2_000) == list(range(2_000))


async def test_records_say_when_the_request_came(brokers: GatedBrokers) -> None:
    came = time.time_ns() // 1_000_000 - 60_000
    broker = Broker(producers(brokers.servers, 30), 30)
    broker.start()
    try:
        delivery = await broker.deliver(sort_events([event(0)]).packs, came)
    finally:
        await broker.stop()
    assert len(delivery.acknowledged) == 1
    consumer = KafkaConsumer(bootstrap_servers=brokers.servers, group_id=None, auto_offset_reset="earliest")
    consumer.assign([TopicPartition("touchpoints.web", number) for number in range(2)])
    (record,) = next(iter(consumer.poll(10_000).values()))
    consumer.close()
    assert record.timestamp == came


def test_while_the_broker_is_away_senders_are_told_to_come_again(
    brokers: GatedBrokers, collector: CollectorProcess
) -> None:
    brokers.shut_gate()
    answer = collector.post([event(0), {"type": "x"}])
    assert (answer.status, answer.json["unacknowledged"], answer.json["refused_count"]) == (503, [0], 1)
    assert "retry-after" in answer.headers
    assert ask(collector.port, "/readyz", method="GET").status == 503
    assert ask(collector.port, "/healthz", method="GET").status == 200
    brokers.open_gate(brokers.private_ports[0])
    collector.wait_until("/readyz", 30)
    assert collector.post([event(1)]).status == 202
    assert 1 in numbers(brokers, 1)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_while_the_gate_opens_and_shuts_and_the_broker_is_renewed(
    brokers: GatedBrokers, collector: CollectorProcess
) -> None:
    """Senders repeat what was not acknowledged, as they are told; then everything is there."""
    ending = threading.Event()

    def disturb() -> None:
        while not ending.wait(1.0):
            brokers.shut_gate()
            brokers.open_gate(brokers.private_ports[-1])
        brokers.open_gate(brokers.new_broker())

    def send(start: int) -> list[int]:
        batch = [event(number) for number in range(start, start + 20)]
        for _ in range(60):
            if (answer := collector.post(batch)).status == 202:
                return list(range(start, start + 20))
            assert answer.status == 503, answer
            time.sleep(0.1)
        raise AssertionError(collector.said)

    disturbing = threading.Thread(target=disturb)
    disturbing.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            early = [number for sent in pool.map(send, range(0, 2_000, 20)) for number in sent]
        ending.set()
        disturbing.join(30)
        late = send(5_000)
    finally:
        ending.set()
        disturbing.join(30)
    assert {*early, *late} <= set(numbers(brokers, 2_020, 10))


def test_it_starts_before_the_broker_does(tmp_path: Path) -> None:
    with GatedBrokers() as brokers:
        brokers.shut_gate()
        collector = CollectorProcess(
            tmp_path / "log", f"embedded://{brokers.servers[0]}", COLLECTOR__ACKNOWLEDGE_TIMEOUT="500ms"
        )
        try:
            collector.start("/healthz")
            assert collector.post([event(0)]).status == 503
            brokers.open_gate(brokers.private_ports[0])
            collector.wait_until("/readyz", 30)
            assert collector.post([event(0)]).status == 202
        finally:
            collector.__exit__(None, None, None)


def test_a_graceful_stop_answers_what_is_in_flight(brokers: GatedBrokers, collector: CollectorProcess) -> None:
    brokers.shut_gate()
    answers: list[Answer] = []
    waiting = threading.Thread(target=lambda: answers.append(collector.post([event(0)])))
    waiting.start()
    time.sleep(0.5)
    collector.ask_to_stop()
    time.sleep(0.3)
    with pytest.raises(OSError, match="refused"):
        ask(collector.port, "/healthz", method="GET")
    brokers.open_gate(brokers.private_ports[0])
    waiting.join(30)
    assert collector.wait() == 0, collector.said
    assert [answer.status for answer in answers] == [202], collector.said
    assert numbers(brokers, 1) == [0]


@pytest.mark.parametrize(
    ("sent", "posts", "status"),
    [([{**event(0), "data": {"text": "x" * 900_000}}] * 4, 96, 429), ([event(0)] * 10_000, 48, 503)],
    ids=["large events", "small events"],
)
def test_memory_stays_bounded_while_many_send_much_to_a_broker_that_is_away(
    sent: list[dict[str, object]], posts: int, status: int, brokers: GatedBrokers, collector: CollectorProcess
) -> None:
    brokers.shut_gate()
    before = resident_bytes(collector.process_id)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: collector.post(sent), range(posts)))
    assert {answer.status for answer in answers} <= {429, 503}
    assert status in {answer.status for answer in answers}
    assert resident_bytes(collector.process_id) - before < 250 * 1024**2
    brokers.open_gate(brokers.private_ports[0])
    collector.wait_until("/readyz", 30)
    assert collector.post([event(1)]).status == 202
