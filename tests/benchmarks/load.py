"""The load that everybody gets: a retailer's days, one event per record, the same for the same seed."""

import asyncio
from collections.abc import Iterable, Iterator

import orjson
from aiokafka import AIOKafkaProducer

from pipeline.catalogue.topics import raw_topic
from pipeline.simulator.simulate import simulate

START = 1_772_323_200_000
DAY = 86_400_000
EVENTS_PER_PERSON = 12
BATCH_RECORDS = 1_000
Record = tuple[str, bytes]
"""Topic and value."""


def retail_records(events: int, seed: int = 1) -> list[Record]:
    """The first `events` events of days of a retailer that is large enough to make that many in one."""
    people = events // EVENTS_PER_PERSON + 50
    found: list[Record] = []
    for one in _days(people, seed):
        topic = raw_topic(str(one["type"]).partition(".")[0])
        found.append((topic, orjson.dumps(one)))
        if len(found) == events:
            break
    return found


def _days(people: int, seed: int) -> Iterator[dict[str, object]]:
    start = START
    while True:
        for one in simulate(seed, people, start, DAY):
            yield dict(one.event)
        start += DAY


def fill(broker: str, records: Iterable[Record], partitions: int) -> None:
    """Send records in order, batches of a topic to its partitions in turn."""
    asyncio.run(_fill(broker, records, partitions))


async def _fill(broker: str, records: Iterable[Record], partitions: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", max_batch_size=4 * 1024 * 1024)
    await producer.start()
    waiting: dict[str, list[bytes]] = {}
    sent: dict[str, int] = {}

    async def send(topic: str) -> None:
        batch = producer.create_batch()
        for value in waiting.pop(topic):
            batch.append(key=None, value=value, timestamp=None)
        batch.close()
        sent[topic] = sent.get(topic, -1) + 1
        await producer.send_batch(batch, topic, partition=sent[topic] % partitions)

    try:
        for topic, value in records:
            waiting.setdefault(topic, []).append(value)
            if len(waiting[topic]) == BATCH_RECORDS:
                await send(topic)
        for topic in list(waiting):
            await send(topic)
        await producer.flush()
    finally:
        await producer.stop()
