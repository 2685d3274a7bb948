"""Brokers' logs as aiokafka's fetcher sees them, and a consumer thread that drains it."""

import logging
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_UNCOMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from faust.types import TP

from agents.transport.batch import BatchLimits, RecordBatch
from agents.transport.fetching import BatchConsumerThread
from agents.transport.time_order import TimeOrder

Headers = Sequence[tuple[str, bytes]]


def sent_batch(
    start: int,
    values: Sequence[bytes | None],
    times: Sequence[int] | None = None,
    codec: int = DefaultRecordBatch.CODEC_NONE,
    headers: Headers = (),
) -> bytes:
    """A batch as a producer sends it, with the offset that the broker writes."""
    builder = BatchBuilder(1024 * 1024, codec)
    for number, value in enumerate(values):
        time = times[number] if times is not None else 1_000 + number
        assert builder.append(timestamp=time, key=b"k", value=value, headers=list(headers))
    return start.to_bytes(8, "big") + bytes(builder._build())[8:]


def fetched_records(partition: TopicPartition, data: bytes, position: int = 10) -> PartitionRecords:
    """What aiokafka makes of a broker's answer."""
    return PartitionRecords(partition, MemoryRecords(data), [], position, None, None, True, READ_UNCOMMITTED)


class Brokers:
    """Logs of some partitions, all assigned to one consumer, and what was fetched of them so far."""

    def __init__(self, times: Mapping[TP, Sequence[int]], ordered: Collection[str], limits: BatchLimits) -> None:
        """`times`: of each partition's records, in milliseconds."""
        self._times = times
        self._subscriptions = SubscriptionState()
        self._subscriptions.subscribe({partition.topic for partition in times})
        self.assign(times)
        self._fetcher = SimpleNamespace(
            _records={}, _subscriptions=self._subscriptions, _notify=lambda _: None, _wait_consume_future=None
        )
        self.thread = _Thread(frozenset(ordered), limits)

    def assign(self, partitions: Collection[TP]) -> None:
        """Assign these partitions anew; all are read from the beginning."""
        self._subscriptions.assign_from_subscribed({TopicPartition(*partition) for partition in partitions})
        for partition in partitions:
            self.state(partition).reset_to(0)

    def state(self, partition: TP) -> Any:
        """What aiokafka knows of an assigned partition."""
        return self._subscriptions.subscription.assignment.state_value(TopicPartition(*partition))

    def fetch(self, partition: TP, most: int | None = None) -> bool:
        """Let the fetcher get records from the consumer's position on; False if it would not ask, or there are none."""
        place, state, times = TopicPartition(*partition), self.state(partition), self._times[partition]
        state.highwater = len(times)
        end = len(times) if most is None else min(len(times), state.position + most)
        if place in self._fetcher._records or state.position >= end:
            return False
        data = sent_batch(0, [b"%d" % offset for offset in range(end)], times[:end])
        self._fetcher._records[place] = FetchResult(
            place,
            assignment=self._subscriptions.subscription.assignment,
            partition_records=fetched_records(place, data, state.position),
            backoff=0,
        )
        return True

    def fetched(self, partition: TP) -> FetchResult:
        """What was fetched of a partition, and is not used up."""
        return self._fetcher._records[TopicPartition(*partition)]

    def seek(self, partition: TP, offset: int) -> None:
        """Seek as aiokafka's fetcher does."""
        self.state(partition).seek(offset)
        self._fetcher._records.pop(TopicPartition(*partition), None)

    def fail(self, partition: TP, error: Any) -> None:
        """Let a fetch end with an error."""
        self._fetcher._records[TopicPartition(*partition)] = error

    def drain(self, active: Collection[TP] | None = None) -> dict[TP, list[RecordBatch]]:
        """What the consumer is given; `active`: partitions with room in their buffers, all if None."""
        return self.thread._drain(cast(Fetcher, self._fetcher), self._times if active is None else active)


class _Thread(BatchConsumerThread):
    """A consumer thread that is never started."""

    def __init__(self, ordered: frozenset[str], limits: BatchLimits) -> None:
        self.log = logging.getLogger("test")
        self.ordered = ordered
        self.limits = limits
        self._order = TimeOrder()
