"""The way to the broker: connecting, giving up, starting over."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, OutOfOrderSequenceNumber, ProducerClosed

from agents.collector import broker as module
from agents.collector.broker import Broker
from pipeline.events.packing import Pack
from tests.waiting import soon

PACK = Pack("touchpoints.web", [b"{}"], [0])


class Producer:
    """A producer that does as it is told."""

    def __init__(self, error: Exception | None = None, *, connects: bool = True, stuck: bool = False) -> None:
        self.sent: list[tuple[str, bytes, int]] = []
        self.stopped = False
        self.tells = True
        self.client = SimpleNamespace(force_metadata_update=self._tell)
        self._error, self._connects, self._stuck = error, connects, stuck

    async def start(self) -> None:
        if not self._connects:
            raise KafkaConnectionError

    async def stop(self) -> None:
        self.stopped = True

    async def send_and_wait(self, topic: str, value: bytes, timestamp_ms: int) -> None:
        if self._stuck:
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error
        self.sent.append((topic, value, timestamp_ms))

    async def _tell(self) -> bool:
        return self.tells


Started = Callable[..., Broker]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
async def started() -> AsyncIterator[Started]:
    """Starts a broker that uses the given producers, one after the other."""
    brokers: list[Broker] = []

    def start(*producers: Producer, seconds: float = 5.0) -> Broker:
        following: Iterator[Producer] = iter(producers)
        broker = Broker(lambda: next(following), seconds)
        broker.start()
        brokers.append(broker)
        return broker

    yield start
    for broker in brokers:
        await broker.stop()


async def test_it_connects_in_the_background_and_deliveries_wait(started: Started) -> None:
    away, there = Producer(connects=False), Producer()
    broker = started(away, there)
    assert not broker.ready
    delivery = await broker.deliver([PACK], 7)
    assert delivery.acknowledged == [PACK]
    assert there.sent == [("touchpoints.web", b"[{}]", 7)]
    assert away.stopped


async def test_a_producer_that_gives_up_is_replaced(started: Started) -> None:
    spoilt, fresh = Producer(OutOfOrderSequenceNumber()), Producer()
    broker = started(spoilt, fresh)
    assert (await broker.deliver([PACK], 7)).waiting == [PACK]
    assert (await broker.deliver([PACK], 7)).acknowledged == [PACK]
    assert spoilt.stopped


async def test_a_producer_that_is_stuck_is_replaced(started: Started) -> None:
    stuck, fresh = Producer(stuck=True), Producer()
    broker = started(stuck, fresh, seconds=0.05)
    deliveries = [await broker.deliver([PACK], 7) for _ in range(module.TIMEOUTS)]
    assert all(delivery.waiting == [PACK] for delivery in deliveries)
    await asyncio.sleep(0.1)
    assert (await broker.deliver([PACK], 7)).acknowledged == [PACK]
    assert stuck.stopped


async def test_what_the_broker_never_takes_is_told_apart(started: Started) -> None:
    only = Producer(MessageSizeTooLargeError())
    delivery = await started(only).deliver([PACK], 7)
    assert (delivery.too_large, delivery.waiting) == ([PACK], [])
    assert not only.stopped


async def test_nothing_to_send_is_sent_at_once(started: Started) -> None:
    delivery = await started(Producer(connects=False), Producer()).deliver([], 7)
    assert not delivery.waiting


async def test_it_is_ready_once_the_broker_tells_its_topics(started: Started) -> None:
    broker = started(Producer())
    await broker.deliver([PACK], 7)
    assert await soon(lambda: broker.ready)


async def test_a_broker_that_starts_beside_it_is_waited_for_without_a_warning(
    started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    broker = started(
        Producer(connects=False), Producer(OutOfOrderSequenceNumber()), Producer(connects=False), Producer()
    )
    assert await soon(lambda: broker.ready)
    assert not _warnings(caplog)
    await broker.deliver([PACK], 7)
    await broker.deliver([PACK], 7)
    assert await soon(lambda: broker.ready)
    assert "the broker does not answer, retrying: KafkaConnectionError" in _warnings(caplog)


async def test_an_outage_is_said_once_whatever_shows_it(
    started: Started, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.0)
    there = Producer()
    broker = started(Producer(connects=False), there)
    await broker.deliver([PACK], 7)
    assert await soon(lambda: broker.ready)
    there.tells = False
    assert await soon(lambda: not broker.ready)
    there.tells = True
    assert await soon(lambda: broker.ready)
    assert _warnings(caplog) == [
        "the broker does not answer, retrying: KafkaConnectionError",
        "the broker answers again, after 0 s",
        "the broker does not answer, retrying: it returned no metadata",
        "the broker answers again, after 0 s",
    ]


async def test_a_producer_that_cannot_send_what_it_holds_does_not_try_on_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    stuck = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    sending = stuck._sender._sender_task = asyncio.create_task(asyncio.Event().wait())
    held = await stuck._message_accumulator.add_message(TopicPartition("touchpoints.web", 0), None, b"{}", 5)
    await module._stopped(stuck)
    await asyncio.wait({sending, held}, timeout=5)
    assert sending.cancelled()
    assert isinstance(held.exception(), ProducerClosed)


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
