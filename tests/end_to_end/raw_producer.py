"""Sends messages to raw topics unchanged, many at a time."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.property.events.garble import Message

BATCH_BYTES = 1024 * 1024
LARGEST_BYTES = 16 * 1024 * 1024
IN_FLIGHT = 16
PARTITIONS = 4


class _Batches:
    """Builds one batch per topic; full batches go to the partitions in turn."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._building: dict[str, Any] = {}
        self._sending: list[Any] = []
        self._turn = count()

    async def add(self, message: Message) -> None:
        batch = self._building.get(message.topic)
        if batch is None or batch.append(key=None, value=message.value, timestamp=None) is None:
            await self._send(message.topic)
            batch = self._building[message.topic] = self._producer.create_batch()
            assert batch.append(key=None, value=message.value, timestamp=None) is not None

    async def finish(self) -> None:
        """Send the rest, and wait until everything is acknowledged."""
        for topic in list(self._building):
            await self._send(topic)
        await asyncio.gather(*self._sending)

    async def _send(self, topic: str) -> None:
        batch = self._building.pop(topic, None)
        if batch is None:
            return
        if len(self._sending) >= IN_FLIGHT:
            await self._sending.pop(0)
        self._sending.append(await self._producer.send_batch(batch, topic, partition=next(self._turn) % PARTITIONS))


async def send_raw(servers: Sequence[str], messages: Iterable[Message]) -> None:
    """Send messages; returns when the broker has acknowledged all of them."""
    producer = AIOKafkaProducer(
        bootstrap_servers=list(servers),
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_BYTES,
        request_timeout_ms=120_000,
    )
    await producer.start()
    try:
        batches = _Batches(producer)
        for message in messages:
            await batches.add(message)
        await batches.finish()
    finally:
        await producer.stop()
