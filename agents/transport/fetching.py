"""Draining aiokafka's fetcher into batches, in the consumer's thread."""

import asyncio
import math
import time
from collections.abc import Collection, Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP
from faust.types.transports import TransportT

from agents.transport.batch import BatchLimits, RecordBatch
from agents.transport.time_order import Front, TimeOrder
from agents.transport.unpacking import Unpacked

Fetched = dict[TP, list[RecordBatch]]

FETCH_MAX_WAIT_MS = 100
"""How long the broker may hold a fetch. There is one at a time per broker, and a partition that becomes ready meanwhile
waits for it."""
FETCH_MIN_BYTES = 64 * 1024
"""With this much to return the broker does not hold a fetch. A fetch, and each partition that it brings a few records
of, costs far more than the records: at 500 events/s a worker that is given whatever there is uses half as much CPU
again, and its events are visible 0.15 s sooner; at 6,000 events/s it uses a tenth more, and they are not."""
HELD_SECONDS: Final = 0.05
"""How soon to look again at records that wait for earlier ones of other partitions."""


class BatchConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc] # Faust's types are not followed
    """Faust's consumer thread, with fetches that return batches with the positions they span."""

    assignments = 0
    """Number of assignments that records were fetched under so far, and so the number of the latest one."""
    limits = BatchLimits()
    is_behind = False
    """Whether, at the last look, more than a batch was waiting of a partition that is read in the order of time."""
    ordered: frozenset[str] = frozenset()
    """The topics whose partitions are read side by side in the order of time."""
    _assignment: object | None = None
    _origins: dict[TopicPartition, int]
    """Where the first fetch of each partition under the latest assignment began."""
    _order: TimeOrder[TopicPartition]
    _holds = False
    """Whether, at the last look, some records were not taken."""

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
                left = deadline - time.monotonic()
                if not await _new_records(fetcher, min(left, HELD_SECONDS) if self._holds else left):
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
        """Take at most one batch of each active partition."""
        self._number_assignment(fetcher)
        active = frozenset(active_partitions)  # the event loop's thread changes that set
        _raise_error(fetcher, active)
        unpacked = self._unpack(fetcher, active)
        now = time.monotonic()
        until = self._order.until(self._fronts(fetcher, active, unpacked), now)
        self.is_behind = until < math.inf
        fetched: Fetched = {}
        for partition, waiting in unpacked.items():
            if partition not in active:
                continue
            count = len(waiting.records)
            if count and partition.topic in self.ordered:
                first = waiting.records[0].timestamp
                count = waiting.count_until(self._order.own_until(partition, until, first, now))
                if not count:
                    continue
                self._order.moved(partition, waiting.records[count - 1].timestamp, now)
            fetched[TP(*partition)] = [self._take(fetcher, partition, waiting, count)]
        self._holds = len(fetched) < len(unpacked)
        return fetched

    def _number_assignment(self, fetcher: Fetcher) -> None:
        assignment = fetcher._subscriptions.subscription.assignment
        if assignment is not self._assignment:
            self._assignment = assignment
            self.assignments += 1
            self._origins = {}
            self._order = TimeOrder()

    def _unpack(self, fetcher: Fetcher, active: Collection[TP]) -> dict[TopicPartition, Unpacked]:
        """Unpack the next records of each partition; drop those that a seek or an assignment has made void."""
        found: dict[TopicPartition, Unpacked] = {}
        for partition, result in list(fetcher._records.items()):
            ordered = partition.topic in self.ordered
            if not fetcher._subscriptions.is_assigned(partition):
                del fetcher._records[partition]
            elif isinstance(result, FetchResult) and (ordered or partition in active):
                if not (result.check_assignment(partition) and result.has_more()):
                    _consumed(fetcher, partition)
                    continue
                unpacked = Unpacked.of(result)
                unpacked.fill(self.limits.ordered_records if ordered else self.limits.records, self.limits.bytes)
                if unpacked.exhausted and unpacked.position == unpacked.end:
                    _consumed(fetcher, partition)
                else:
                    found[partition] = unpacked
        return found

    def _fronts(
        self, fetcher: Fetcher, active: Collection[TP], unpacked: Mapping[TopicPartition, Unpacked]
    ) -> dict[TopicPartition, Front]:
        """Of the partitions read in the order of time, those that have another batch to come after what is unpacked.

        A few more records on the brokers are no backlog: some always come between a fetch and its answer.
        """
        assignment = fetcher._subscriptions.subscription.assignment
        fronts: dict[TopicPartition, Front] = {}
        for partition in assignment.tps if assignment else ():
            if partition.topic not in self.ordered:
                continue
            state, waiting = assignment.state_value(partition), unpacked.get(partition)
            full = (state.highwater or 0) - self.limits.ordered_records
            if waiting is not None and waiting.records:
                if not waiting.exhausted or waiting.end <= full:
                    fronts[partition] = Front(waiting.latest, partition in active)
            elif state.has_valid_position and state.position <= full:
                fronts[partition] = Front(self._order.reached(partition), is_ready=False)
        return fronts

    def _take(self, fetcher: Fetcher, partition: TopicPartition, unpacked: Unpacked, count: int) -> RecordBatch:
        start = unpacked.position
        records = unpacked.take(count)
        fetcher._records[partition]._update_position()
        if unpacked.exhausted and not unpacked.records:
            _consumed(fetcher, partition)
        origin = self._origins.setdefault(partition, start)
        return RecordBatch(records, start, unpacked.position, self.assignments, origin)


def _consumed(fetcher: Fetcher, partition: TopicPartition) -> None:
    """Let the fetcher ask for more of this partition."""
    del fetcher._records[partition]
    fetcher._notify(fetcher._wait_consume_future)


def _raise_error(fetcher: Fetcher, active: Collection[TP]) -> None:
    """Raise the first error that a fetch has ended with, if there is one, and let the partition be fetched again."""
    for partition, result in list(fetcher._records.items()):
        if partition in active and not isinstance(result, FetchResult):
            _consumed(fetcher, partition)
            result.check_raise()


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
