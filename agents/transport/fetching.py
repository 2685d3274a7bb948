"""Draining aiokafka's fetcher into batches, in the consumer's thread."""

import asyncio
import time
from collections.abc import Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.errors import ConsumerStoppedError
from aiokafka.record.default_records import DefaultRecord
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP
from faust.types.transports import TransportT

from agents.transport.batch import BatchLimits, RecordBatch
from pipeline.events.record import Record
from pipeline.events.replay import read_replay
from pipeline.mail.ahead import read_tenure

Fetched = dict[TP, list[RecordBatch]]

FETCH_MAX_WAIT_MS = 100
"""How long the broker may hold a fetch. There is one at a time per broker, and a partition that becomes ready meanwhile
waits for it."""
FETCH_MIN_BYTES = 64 * 1024
"""With this much to return the broker does not hold a fetch. A fetch, and each partition that it brings a few records
of, costs far more than the records: at 500 events/s a worker that is given whatever there is uses half as much CPU
again, and its events are visible 0.15 s sooner; at 6,000 events/s it uses a tenth more, and they are not."""


class BatchConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc] # Faust's types are not followed
    """Faust's consumer thread, with fetches that return batches with the positions they span."""

    assignments = 0
    """Number of assignments that records were fetched under so far, and so the number of the latest one."""
    limits = BatchLimits()
    _assignment: object | None = None
    _origins: dict[TopicPartition, int]
    """Where the first fetch of each partition under the latest assignment began."""

    def _create_worker_consumer(self, transport: TransportT) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        consumer._fetch_min_bytes = FETCH_MIN_BYTES
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: Collection[TP],
        timeout: float | None = None,  # noqa: ASYNC109 # Faust's signature
        max_records: int | None = None,
    ) -> Fetched:
        """Wait for records of the active partitions and take at most one batch of each.

        Follows `Fetcher.fetched_records` of aiokafka, which does not return the positions that its records span.
        """
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        deadline = time.monotonic() + (timeout or 0.0)
        with fetcher._subscriptions.fetch_context():
            while True:
                if fetcher._subscriptions.reassignment_in_progress:
                    await fetcher._subscriptions.wait_for_assignment()
                if fetched := self._drain(fetcher, active_partitions):
                    return fetched
                if not await _new_records(fetcher, deadline - time.monotonic()):
                    return {}

    async def confirm_membership(self) -> bool:
        """Ask the coordinator whether this member and generation are current."""
        current: bool = await self._ensure_consumer()._coordinator._do_heartbeat()
        return current

    async def end_offsets(self, partitions: Collection[TP], seconds: float) -> Mapping[TP, int]:
        """Ask the brokers for the end offsets of partitions.

        The thread runs two calls at a time, and aiokafka waits 90 s for a silent broker. Without a limit, two such
        calls kept fetches and commits from all other brokers waiting, too.

        Raises:
            TimeoutError: The brokers did not answer in time.
        """
        async with asyncio.timeout(seconds):
            ends: Mapping[TP, int] = await self._ensure_consumer().end_offsets(partitions)
        return ends

    def has_fetched(self, partition: TP) -> bool:
        """Whether fetched records of the partition have not been taken yet; it is not fetched again until they are."""
        return TopicPartition(*partition) in self._ensure_consumer()._fetcher._records

    def polled_at(self, partition: TP) -> int | None:
        """When the broker last answered a fetch of the partition: milliseconds since the epoch; None: never."""
        timestamp: int | None = self._ensure_consumer().last_poll_timestamp(TopicPartition(*partition))
        return timestamp

    def _drain(self, fetcher: Fetcher, active_partitions: Collection[TP]) -> Fetched:
        self._number_assignment(fetcher)
        fetched: Fetched = {}
        for partition in list(fetcher._records):
            if partition not in active_partitions:
                if not fetcher._subscriptions.is_assigned(partition):
                    del fetcher._records[partition]
                continue
            result = fetcher._records[partition]
            if isinstance(result, FetchResult):
                batch = self._take(fetcher, partition, result)
                if batch is not None:
                    fetched[TP(*partition)] = [batch]
            elif not fetched:
                _consumed(fetcher, partition)
                result.check_raise()
        return fetched

    def _number_assignment(self, fetcher: Fetcher) -> None:
        assignment = fetcher._subscriptions.subscription.assignment
        if assignment is not self._assignment:
            self._assignment = assignment
            self.assignments += 1
            self._origins = {}

    def _take(self, fetcher: Fetcher, partition: TopicPartition, result: FetchResult) -> RecordBatch | None:
        """Take a batch of one partition; None if a seek has made the result void, or it holds nothing."""
        if not (result.check_assignment(partition) and result.has_more()):
            _consumed(fetcher, partition)
            return None
        state = result._assignment.state_value(partition)
        start = state.position
        records, exhausted = unpack(result._partition_records, self.limits)
        result._update_position()
        if exhausted:
            _consumed(fetcher, partition)
        if state.position == start:
            return None
        origin = self._origins.setdefault(partition, start)
        return RecordBatch(records, start, state.position, self.assignments, origin)


def unpack(fetched: PartitionRecords, limits: BatchLimits) -> tuple[list[Record], bool]:
    """Take records up to the limits; also returns whether there are no more.

    Raises:
        CorruptRecordException: A checksum is wrong.
    """
    topic, partition = fetched._tp
    most_records, most_bytes = limits.records, limits.bytes
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


def _consumed(fetcher: Fetcher, partition: TopicPartition) -> None:
    """Let the fetcher ask for more of this partition."""
    del fetcher._records[partition]
    fetcher._notify(fetcher._wait_consume_future)


async def _new_records(fetcher: Fetcher, timeout: float) -> bool:  # noqa: ASYNC109 # a wait that may end without news
    if timeout <= 0:
        return False
    waiter = fetcher._create_fetch_waiter()
    done, _ = await asyncio.wait([waiter], timeout=timeout)
    if not done or fetcher._closed:
        waiter.cancel()
        return False
    waiter.result()  # raises the coordinator's error, if there is one
    return True
