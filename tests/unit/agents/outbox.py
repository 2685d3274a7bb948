"""A producer that keeps all records in memory."""

import asyncio
from collections.abc import Awaitable, Sequence

from agents.courier import Header
from pipeline.catalogue.topics import MAIL_TOPIC
from pipeline.identity.messages import Message
from pipeline.mail.codec import unpack


class Outbox:
    """Stands in for the producer; acknowledges at once unless `held`."""

    def __init__(self, held: bool = False) -> None:
        self.records: list[tuple[str, int | None, bytes]] = []
        self.headers: list[Sequence[Header]] = []
        """Those of each record."""
        self.pending: list[asyncio.Future[None]] = []
        self.held = held

    async def send(self, topic: str, partition: int | None, value: bytes, headers: Sequence[Header]) -> Awaitable[None]:
        self.records.append((topic, partition, value))
        self.headers.append(headers)
        acknowledgement: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.held:
            self.pending.append(acknowledgement)
        else:
            acknowledgement.set_result(None)
        return acknowledgement

    def mail(self, partition: int | None = None) -> list[Message]:
        return [
            message
            for topic, number, value in self.records
            if topic == MAIL_TOPIC and partition in (None, number)
            for message in unpack(value)
        ]

    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.records]
