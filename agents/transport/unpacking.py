"""Unpacking what aiokafka has fetched of a partition, some records at a time."""

import math
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecord

from pipeline.events.record import Record
from pipeline.events.replay import read_replay
from pipeline.mail.ahead import read_tenure


class Unpacked:
    """The next records of a partition: unpacked, so that their times are known, and not taken yet.

    What was fetched can be unpacked only once, so they are kept with it: they are dropped when it is, and only then.
    They do not refer to it, or it would stay until the next search for reference cycles.
    """

    @staticmethod
    def of(result: FetchResult) -> "Unpacked":
        """The records unpacked of a result, which must be valid, that is at the consumer's position."""
        unpacked: Unpacked | None = getattr(result, "unpacked", None)
        if unpacked is None:
            unpacked = result.unpacked = Unpacked(result._partition_records)
        return unpacked

    def __init__(self, fetched: PartitionRecords) -> None:
        self._fetched = fetched
        self.records: Sequence[Record] = ()
        self.exhausted = False
        """Whether nothing that was fetched comes after them."""
        self.end: int = fetched.next_fetch_offset
        """The consumer's position after them."""
        self.latest = -math.inf
        """The latest of their times, in milliseconds since the epoch."""

    @property
    def position(self) -> int:
        """The consumer's position before them."""
        position: int = self._fetched.next_fetch_offset
        return position

    def fill(self, most_records: int, most_bytes: int) -> None:
        """Unpack more, until there are `most_records`, or their values have `most_bytes` or more.

        Raises:
            CorruptRecordException: A checksum is wrong.
        """
        if self.exhausted or (missing := most_records - len(self.records)) <= 0:
            return
        room = most_bytes - sum(len(record.value) for record in self.records)
        if room <= 0:
            return
        position = self.position
        more, self.exhausted = unpack(self._fetched, missing, room)
        self.end, self._fetched.next_fetch_offset = self.position, position
        self.records = [*self.records, *more]
        self.latest = max((record.timestamp for record in self.records), default=-math.inf)

    def count_until(self, time: float) -> int:
        """How many of the first records are not later than a time in milliseconds since the epoch."""
        if self.latest <= time:
            return len(self.records)
        return next(index for index, record in enumerate(self.records) if record.timestamp > time)

    def take(self, count: int) -> list[Record]:
        """Take the first records; the consumer's position must follow."""
        taken, self.records = list(self.records[:count]), self.records[count:]
        self._fetched.next_fetch_offset = taken[-1].offset + 1 if self.records else self.end
        return taken


def unpack(fetched: PartitionRecords, most_records: int, most_bytes: int) -> tuple[list[Record], bool]:
    """Unpack records up to the limits; also returns whether there are no more.

    Raises:
        CorruptRecordException: A checksum is wrong.
    """
    topic, partition = fetched._tp
    records: list[Record] = []
    size = 0

    def record(_: TopicPartition, found: DefaultRecord) -> Record:
        headers, value = found.headers, found.value or b""
        if not headers:
            return Record(topic, partition, found.offset, found.timestamp, value)
        return Record(
            topic, partition, found.offset, found.timestamp, value, read_replay(headers), read_tenure(headers)
        )

    fetched._consumer_record = record  # aiokafka's own record objects take two fifths of the time
    for each in fetched._records_iterator:
        records.append(each)
        size += len(each.value)
        if size >= most_bytes or len(records) >= most_records:
            return records, False
    return records, True
