"""The load for all contenders: a retailer's days, one event per record, the same for the same seed."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaProducer

from pipeline.catalogue.topics import raw_topic_of
from pipeline.simulator.simulate import simulate

START: Final = 1_772_323_200_000
DAY: Final = 86_400_000
SEED: Final = 1
EVENTS_PER_PERSON: Final = 12
SIMULATED: Final = 40_000
"""Most events to simulate; further ones are copies of them for other people: a copy costs a thirtieth as much."""
BATCH_RECORDS: Final = 1_000
Record = tuple[str, bytes]
"""Topic and value."""
Event = dict[str, object]


def retail_records(events: int) -> list[Record]:
    """The given number of events from a retailer's days, without probes."""
    base = day_of_people(min(events, SIMULATED))
    found = [record_of(event) for event in base[:events]]
    for number in range(1, -(-events // len(base))):
        found += [record_of(of_other_people(event, number)) for event in base[: events - len(found)]]
    return found


@cache
def day_of_people(events: int, number: int = 0) -> tuple[Event, ...]:
    """About `events` events: a day of a population of fitting size; another `number` is another day of these people."""
    people = events // EVENTS_PER_PERSON + 50
    days = simulate(SEED, people, START + number * DAY, DAY)
    found: list[Event] = [dict(one.event) for one in days]
    return tuple(event for event in found if not _data(event).get("probe"))


def of_other_people(event: Event, number: int) -> Event:
    """The event with another id and other identifiers, which match each other across events as the originals do."""
    data = _data(event)
    identifiers = {name: _other(name, value, number) for name, value in data["identifiers"].items()}
    return {**event, "id": f"{event['id']}-{number}", "data": {**data, "identifiers": identifiers}}


def _data(event: Event) -> dict[str, Any]:
    data = event["data"]
    assert isinstance(data, dict)
    return data


def _other(namespace: str, value: str, number: int) -> str:
    if namespace == "phone":
        return f"{value}{number}"[:15]
    return f"{number}-{value}" if namespace == "email" else f"{value}-{number}"


def record_of(event: Mapping[str, object]) -> Record:
    """The record of an event."""
    value = bytes(memoryview(orjson.dumps(event)))  # a copy: the bytes from orjson hold on to a buffer of some KiB
    return raw_topic_of(str(event["type"])), value


def fill(broker: str, records: Iterable[Record], partitions: int) -> None:
    """Send records in order, a thousand at a time; a topic's share of each thousand goes to its partitions in turn."""
    asyncio.run(_fill(broker, records, partitions))


async def _fill(broker: str, records: Iterable[Record], partitions: int) -> None:
    waiting = iter(records)
    async with RawProducer(broker, partitions) as producer:
        while part := list(islice(waiting, BATCH_RECORDS)):
            await producer.send(part)


class RawProducer:
    """Sends lists of records; a topic's lists go to its partitions in turn. On leaving, all are acknowledged."""

    def __init__(self, broker: str, partitions: int) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", max_batch_size=4 * 1024 * 1024)
        self._partitions = partitions
        self._sent: dict[str, int] = {}

    async def __aenter__(self) -> "RawProducer":
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._producer.flush()
        finally:
            await self._producer.stop()

    async def send(self, records: Iterable[Record]) -> None:
        """Send records of any topics, in order within each."""
        by_topic: dict[str, list[bytes]] = {}
        for topic, value in records:
            by_topic.setdefault(topic, []).append(value)
        for topic, values in by_topic.items():
            batch = self._producer.create_batch()
            for value in values:
                batch.append(key=None, value=value, timestamp=None)
            batch.close()
            sent = self._sent[topic] = self._sent.get(topic, -1) + 1
            await self._producer.send_batch(batch, topic, partition=sent % self._partitions)
