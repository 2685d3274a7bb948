"""What a record costs through Faust, one by one and in batches: `python -m tests.benchmarks.transport [EVENTS]`."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from tempfile import gettempdir

import faust
import orjson
from aiokafka import AIOKafkaProducer
from faust.types import StreamT

from agents.app import WorkerApp
from agents.logs import log_to_stderr
from agents.transport.batch import RecordBatch, RecordBatchSchema
from agents.transport.driver import SCHEME, register
from agents.transport.streams import each_batch
from tests.integration.agents.tansu import create_topics, running_broker

TOPIC = "raw"
PARTITIONS = 4
EVENT_BYTES = 386
EVENTS_PER_SEND = 1_000
DEFAULT_EVENTS = 100_000
SETTINGS = {
    "datadir": gettempdir(),
    "autodiscover": False,
    "topic_disable_leader": True,
    "reply_create_topic": False,
    "web_enabled": False,
    "broker_session_timeout": 10.0,
    "broker_heartbeat_interval": 3.0,
}


class Meter:
    """Counts events and stops the clocks at the last."""

    def __init__(self, events: int) -> None:
        self._left = events
        self._events = events
        self._started: tuple[float, float] | None = None
        self.finished = asyncio.Event()
        self.result = ""

    def count(self, events: int) -> None:
        now = time.perf_counter(), time.process_time()
        if self._started is None:  # what it took to fetch the first ones is left out, and so are they
            self._started = now
            self._events -= events
        self._left -= events
        if self._left <= 0:
            elapsed, used = (end - start for end, start in zip(now, self._started, strict=True))
            self.result = (
                f"{self._events / elapsed:9,.0f} events/s   {used / self._events * 1e6:6.1f} us of CPU per event"
            )
            self.finished.set()


def one_by_one(broker: str, meter: Meter) -> faust.App:
    """A plain Faust agent that decodes JSON."""
    app = faust.App("one-by-one", broker=f"kafka://{broker}", **SETTINGS)

    async def decode(stream: StreamT) -> None:
        async for value in stream:
            orjson.loads(value)
            meter.count(1)

    app.agent(app.topic(TOPIC, value_serializer="raw"), name="decode")(decode)
    return app


def in_batches(broker: str, meter: Meter) -> faust.App:
    """The batch transport, and the same decoding."""
    register()
    app = WorkerApp("in-batches", broker=f"{SCHEME}://{broker}", stream_buffer_maxsize=16, **SETTINGS)

    async def decode(batch: RecordBatch) -> bool:
        for record in batch.records:
            orjson.loads(record.value)
        meter.count(len(batch.records))
        return True

    async def decode_all(stream: StreamT) -> None:
        await each_batch(stream, decode)

    app.agent(app.topic(TOPIC, schema=RecordBatchSchema()), name="decode")(decode_all)
    return app


CONTENDERS: dict[str, Callable[[str, Meter], faust.App]] = {"one-by-one": one_by_one, "in-batches": in_batches}


def event(number: int) -> bytes:
    """A CloudEvent of `EVENT_BYTES` bytes."""
    data = {"identifiers": {"anonymous_id": f"a-{number % 5_000}"}, "url": "/product/4711", "status": 200, "note": ""}
    envelope = {
        "specversion": "1.0",
        "id": f"{number:032x}",
        "source": "/shop/web",
        "type": "web.page_viewed",
        "time": "2026-03-01T10:00:00.123Z",
        "data": data,
    }
    data["note"] = "." * (EVENT_BYTES - len(json.dumps(envelope)))
    return json.dumps(envelope).encode()


async def fill(broker: str, events: int) -> None:
    """Send events to all partitions in turn."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", max_batch_size=1024 * 1024)
    await producer.start()
    try:
        for partition, first in enumerate(range(0, events, EVENTS_PER_SEND)):
            batch = producer.create_batch()
            for number in range(first, min(first + EVENTS_PER_SEND, events)):
                batch.append(key=None, value=event(number), timestamp=None)
            await producer.send_batch(batch, TOPIC, partition=partition % PARTITIONS)
        await producer.flush()
    finally:
        await producer.stop()


async def measure(name: str, broker: str, events: int) -> str:
    """Run a contender in this process until it has seen all events."""
    meter = Meter(events)
    app = CONTENDERS[name](broker, meter)
    await app.start()
    await meter.finished.wait()
    await app.stop()
    return meter.result


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_EVENTS
    with running_broker() as broker:
        create_topics(broker, {TOPIC: PARTITIONS})
        asyncio.run(fill(broker, events))
        for name in CONTENDERS:  # each in a process of its own
            command = [sys.executable, "-m", "tests.benchmarks.transport", str(events), name, broker]
            result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
            print(f"{name:12} {result.stdout.strip()}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        log_to_stderr(0)
        print(asyncio.run(measure(sys.argv[2], sys.argv[3], int(sys.argv[1]))))
    else:
        main()
