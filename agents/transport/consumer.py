"""The consumer of the batch transport."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import ClassVar

from aiokafka import TopicPartition
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage, Message
from faust.types.tuples import ack_lock
from mode.utils.futures import notify

from agents.transport.batch import OrderedBatchSchema, RecordBatch, RecordBatchSchema
from agents.transport.commits import Hole, PrefixCommits, Ticket
from agents.transport.fetching import BatchConsumerThread

Delivered = tuple[TP, Message]


class BatchConsumer(Consumer):  # type: ignore[misc] # Faust's types are not followed
    """Delivers batches and commits the longest acknowledged prefix of each partition's batches.

    Faust's arithmetic over single offsets (`_acked`, `_gap`) never sees these partitions. Every topic that the
    application subscribes to must have the schema `RecordBatchSchema`.
    """

    buffered_poll_seconds: ClassVar[float] = 0.05
    """How soon to look again for room in a full buffer."""
    in_hand_seconds: float
    """See `BatchLimits`."""

    _thread: BatchConsumerThread
    _waiting_for_ack: asyncio.Future[None] | None

    def __post_init__(self) -> None:
        self.commits: PrefixCommits[TP] = PrefixCommits()
        self.in_hand_seconds = self.transport.limits.in_hand_seconds
        self._giving_up = False

    def _new_consumer_thread(self) -> BatchConsumerThread:
        thread = BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)
        thread.limits = self.transport.limits
        return thread

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Reset the subscription.

        Raises:
            ValueError: A topic does not have the schema `RecordBatchSchema`.
        """
        for topic in self.app.topics:
            if not isinstance(topic.schema, RecordBatchSchema):
                raise ValueError(f"topic {topic} needs the schema RecordBatchSchema: this transport delivers batches")
        self._thread.ordered = frozenset(
            name for topic in self.app.topics if isinstance(topic.schema, OrderedBatchSchema) for name in topic.topics
        )
        await super().subscribe(topics)

    async def confirm_membership(self) -> bool:
        """Ask the coordinator whether this worker is still a member of the group in its current generation."""
        current: bool = await self._thread.call_thread(self._thread.confirm_membership)
        return current

    def member(self) -> str:
        """The member id that the group's coordinator gave to this worker; empty while it has none."""
        name: str = self._thread._ensure_consumer()._coordinator.member_id
        return name

    def active_partitions(self) -> set[TP]:
        """The assigned partitions that have room in their buffer."""
        active: set[TP] = self._get_active_partitions()
        return set(active)

    def has_fetched(self, partition: TP) -> bool:
        """Whether fetched records of an assigned partition have not been taken yet: agents are busy with others."""
        fetched: bool = self._thread.has_fetched(partition)
        return fetched

    def is_behind(self) -> bool:
        """Whether more than a batch is waiting of a partition that is read in the order of time."""
        behind: bool = self._thread.is_behind
        return behind

    def polled_at(self, partition: TP) -> int | None:
        """When the broker last answered a fetch of an assigned partition: milliseconds since the epoch; None: never."""
        timestamp: int | None = self._thread.polled_at(partition)
        return timestamp

    def reads_from(self, partition: TP) -> int | None:
        """Where an assigned partition is read from next: what is committed, or the beginning; None: not known yet."""
        assignment = self._thread._ensure_consumer()._subscription.subscription.assignment
        state = assignment.state_value(TopicPartition(*partition)) if assignment else None
        return state.position if state is not None and state.has_valid_position else None

    async def end_offsets(self, seconds: float) -> dict[TP, int]:
        """Ask the brokers for the end offset of each assigned partition.

        Raises:
            TimeoutError: The brokers did not answer in time.
        """
        thread = self._thread
        ends: Mapping[TP, int] = await thread.call_thread(thread.end_offsets, self.assignment(), seconds)
        return {TP(*partition): offset for partition, offset in ends.items()}

    # Delivery

    async def getmany(self, timeout: float) -> AsyncIterator[Delivered]:  # noqa: ASYNC109 # Faust's signature
        """Fetch once; yield one message per partition."""
        if self._buffered_partitions:
            timeout = self.buffered_poll_seconds
        async for partition, message in super().getmany(timeout):
            if await self._accept(partition, message.value):
                self._read_offset[partition] = None  # else Faust drops what is read again, and its ticket stays
                yield partition, message

    async def _accept(self, partition: TP, batch: RecordBatch) -> bool:
        delivery = self.commits.deliver(partition, batch.assignment, batch.start, batch.end, batch.origin)
        if isinstance(delivery, Hole):
            return await self._mend(partition, batch, delivery)
        if not isinstance(delivery, Ticket):
            return False
        batch.ticket = delivery
        if not batch.records:  # only transaction markers: nothing to work on
            self.commits.acknowledge(partition, delivery)
        return bool(batch.records)

    async def _mend(self, partition: TP, batch: RecordBatch, hole: Hole) -> bool:
        """Fetch again what was dropped between the broker and the agents; skip what the broker has deleted."""
        earliest = (await self.earliest_offsets(partition))[partition]
        if earliest <= hole.position:
            self.log.info("%s: reading again from %s", partition, hole.position)
            await self.seek(partition, hole.position)
            return False
        present = min(earliest, batch.start)
        self.log.warning(
            "%s: the broker has deleted offsets %s to %s before they were read, so they are skipped; its retention is "
            "shorter than the lag was",
            partition,
            hole.position,
            present,
        )
        self.commits.skip_to(partition, present)
        if present < batch.start:
            await self.seek(partition, present)
            return False
        return await self._accept(partition, batch)

    async def _wait_next_records(self, timeout: float) -> tuple[object, object]:  # noqa: ASYNC109 # Faust's signature
        if self.flow_active and not self._get_active_partitions():
            # Every buffer is full. Faust would sleep for a second, and the agents would run dry.
            await self.sleep(self.buffered_poll_seconds)
            return {}, set()
        fetched: tuple[object, object] = await super()._wait_next_records(timeout)
        return fetched

    def _to_message(self, tp: TP, record: RecordBatch) -> ConsumerMessage:
        timestamp = record.records[-1].timestamp / 1000.0 if record.records else 0.0
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            offset=record.end - 1,
            timestamp=timestamp,
            timestamp_type=1,
            headers=None,
            key=None,
            value=record,
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    # Acknowledgement and commits

    def ack(self, message: Message) -> bool:
        """Acknowledge a batch that is done. Anything else that Faust acknowledges is only no longer waited for."""
        batch: RecordBatch = message.value
        with ack_lock:
            if message.acked:
                return False
            message.acked = True
            self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return batch.done and batch.ticket is not None and self.commits.acknowledge(message.tp, batch.ticket)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Ignore gaps: only positions count."""

    def _filter_tps_with_pending_acks(self, topics: object = None) -> list[TP]:
        return self.commits.partitions()

    def _new_offset(self, tp: TP) -> int | None:
        return self.commits.committable(tp)

    def _should_commit(self, tp: TP, offset: int) -> bool:
        return True

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        taken: bool = await super()._commit(offsets)
        if taken:
            for partition, offset in offsets.items():
                self.commits.committed(partition, offset)
        return taken

    # Seeks and rebalances

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek all partitions to their committed offsets.

        Faust also calls this when it drops what was fetched for partitions that are being revoked. It must not seek
        then: batches of theirs are still in hand, and the next owner begins where these end.
        """
        if self._giving_up:
            return {}
        offsets: Mapping[TP, int] = await super().seek_to_committed()
        for partition, offset in offsets.items():
            self.commits.rewind(TP(*partition), offset)
        return offsets

    async def _seek(self, partition: TP, offset: int) -> None:
        await super()._seek(partition, offset)
        self.commits.rewind(partition, offset)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Wait for the batches in hand, commit, then void what is left."""
        assignment = self._thread.assignments
        self._giving_up = True
        try:
            await super().on_partitions_revoked(revoked)
        finally:
            self._giving_up = False
        self.commits.revoke(revoked, assignment)

    async def wait_empty(self) -> None:
        """Wait for the batches in hand, within a bound, and commit."""
        if not await self._batches_are_done():
            self.log.warning("batches in hand were not done within %s s: they will be repeated", self.in_hand_seconds)
            self._unacked_messages.clear()  # Faust waits once more when it stops
        while await self.maybe_wait_for_commit_to_finish():
            pass  # Faust would take a commit under way for this one, but it may predate the last batches
        await self.commit_and_end_transactions()

    async def _batches_are_done(self) -> bool:
        """Wait for the batches in hand; False if they take too long.

        Faust's own wait for an acknowledgement swallows cancellations, so no bound can be put around it.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.in_hand_seconds
        while self._unacked_messages and (left := deadline - clock()) > 0:
            self._waiting_for_ack = asyncio.Future()  # `ack` sets it
            await asyncio.wait({self._waiting_for_ack}, timeout=left)
        return not self._unacked_messages
