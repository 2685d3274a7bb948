"""Sends the agents' output in order, and waits until the broker has acknowledged all of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from pipeline.catalogue.topics import DEAD_LETTER_TOPIC, MAIL_TOPIC
from pipeline.events.dead_letter import DeadLetter, encode
from pipeline.identity.messages import Message
from pipeline.mail.ahead import ahead_header
from pipeline.mail.codec import pack
from pipeline.mail.partition import partition_of

LETTERS_PER_RECORD: Final = 100

Header = tuple[str, bytes]
Send = Callable[[str, int | None, bytes, Sequence[Header]], Awaitable[Awaitable[object]]]
"""Hands a value with headers for a topic and partition (None: any) to the producer. The awaitable that it returns is
done when the broker has acknowledged the value. Records for one partition arrive in the order of the calls."""


class Courier:
    """Sends one worker's mail and dead letters. Calls may overlap; each call's records keep their order."""

    def __init__(self, send: Send, mail_partitions: int, record_bytes: int) -> None:
        """`record_bytes`: most bytes of a record of packed mail, unless a single message is larger."""
        self._send = send
        self._mail_partitions = mail_partitions
        self._record_bytes = record_bytes

    async def deliver(
        self, messages: Iterable[Message], ahead: Iterable[Message] = (), tenures: Mapping[int, int] | None = None
    ) -> None:
        """Send mail to the partitions of the mailboxes it is addressed to.

        Args:
            messages: Mail in its order.
            ahead: Mail that this worker has already delivered; it is sent before the other.
            tenures: This worker's, by partition; mail in `ahead` for another partition is sent like any other.

        Raises:
            Exception: The broker did not acknowledge something; whether the rest arrived is unknown.
        """
        marks = {partition: [ahead_header(tenure)] for partition, tenure in (tenures or {}).items()}
        acknowledgements = [
            await self._send(MAIL_TOPIC, partition, record, marks.get(partition, ()))
            for partition, record in self._records(ahead)
        ]
        acknowledgements += [
            await self._send(MAIL_TOPIC, partition, record, ()) for partition, record in self._records(messages)
        ]
        await asyncio.gather(*acknowledgements)

    def _records(self, messages: Iterable[Message]) -> Iterator[tuple[int, bytes]]:
        partitions = self._mail_partitions
        groups: list[list[Message]] = [[] for _ in range(partitions)]
        for message in messages:
            groups[partition_of(message.at, partitions)].append(message)
        for partition, group in enumerate(groups):
            if group:
                for record in packed(group, self._record_bytes):
                    yield partition, record

    async def reject(self, letters: Sequence[DeadLetter]) -> None:
        """Send dead letters to their topic, as JSON arrays.

        Raises:
            Exception: The broker did not acknowledge something.
        """
        acknowledgements = [
            await self._send(DEAD_LETTER_TOPIC, None, encode(letters[start : start + LETTERS_PER_RECORD]), ())
            for start in range(0, len(letters), LETTERS_PER_RECORD)
        ]
        await asyncio.gather(*acknowledgements)


def packed(messages: Sequence[Message], record_bytes: int) -> Iterator[bytes]:
    """Pack messages, in order, into records of at most `record_bytes`; a larger message gets a record of its own."""
    record = pack(messages)
    if len(record) <= record_bytes or len(messages) == 1:
        yield record
        return
    middle = len(messages) // 2
    yield from packed(messages[:middle], record_bytes)
    yield from packed(messages[middle:], record_bytes)
