"""The stitch agent: mail in, mail and rows out; send, then save, then commit.

While ClickHouse stores one batch, the next one is made, of mail or of customers whose deadline has passed: two locks,
always taken in the same order, make a pipeline of two stages. Everything else that touches the mailboxes holds both.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Final, Protocol

import faust
from faust.types import StreamT

from agents.courier import Courier
from agents.failure import Failure
from agents.ownership import Handover, Ownership
from agents.patience import patiently
from agents.rejections import Rejections
from agents.transport.batch import RecordBatch, RecordBatchSchema
from agents.transport.streams import each_group
from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.topics import MAIL_TOPIC
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.record import Record
from pipeline.identity.messages import Message
from pipeline.mail.codec import MailFormatError, unpack
from pipeline.stitching.batch import Batch
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.store import ClaimLostError
from pipeline.stitching.tally import Outcomes, Tally

CONFIRM_AGAIN_SECONDS: Final = 0.2
COUNT_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 1.0
COUNT_PAUSE: Final = 3.0
"""A round of counting, or of settling withdrawals, is followed by a pause of at least these seconds, and at least this
many times as long as the round took, so that they do not hold up the saves."""
STOP_SECONDS: Final = 1.0
"""How long counting waits for a save before it looks whether the worker is to stop."""
UNCOUNTED_LIMIT: Final = 100_000
"""Frictions and journeys that may wait to be counted: with more, stitching waits for the counting."""
GROUP_BYTES: Final = 5 * 1024 * 1024
"""Packed mail that is stitched and saved at once, give or take a batch: some fifteen thousand touches. With 3 MiB a
backlog costs ClickHouse a sixth more, and the worker a twentieth; with 6 an outage costs the worker 10 MiB more."""
GROUP_SECONDS: Final = 0.3
"""How long mail is gathered otherwise: every save makes parts that ClickHouse must merge, so few saves are cheap. With
0.4 events are visible and frictions counted 0.1 s later, and ClickHouse has a tenth less to do at half of the capacity,
a fifth less at 500 events/s."""
BEHIND_SECONDS: Final = 2.0
"""The same while the worker is behind: a backlog's mail comes evenly, and its groups would be half as large."""
STAGES: Final = 2
"""Groups in hand at once: one is processed, one is saved."""

log = logging.getLogger("touchline.worker")


class Group(Protocol):
    """The consumer group, as this worker knows it."""

    @property
    def rebalancing(self) -> bool:
        """Whether a rebalance is under way, or the worker is about to leave."""
        ...

    async def confirm(self) -> bool:
        """Ask the broker whether the worker is still a member in the group's current generation."""
        ...


class Stage(asyncio.Lock):
    """A lock that stays locked after an exception.

    Memory is ahead of the store then. A waiting task would build on it and save rows whose mail was not sent.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock, unless there was an exception."""
        if error is None:
            self.release()


class StitchFlow:
    """One worker's stitching: a batch may be processed while the one before it is saved."""

    def __init__(
        self,
        stitcher: Stitcher,
        ownership: Ownership,
        courier: Courier,
        rejections: Rejections,
        metrics: Metrics,
        clock: Callable[[], int],
        group: Group,
        tally: Tally,
    ) -> None:
        """Put the parts together.

        Args:
            stitcher: Used only here.
            ownership: Follows the assignments of the mail topic.
            courier: Sends mail.
            rejections: Keeps records that are no mail, and what the store refuses.
            metrics: Counts.
            clock: Milliseconds since the epoch.
            group: The consumer group.
            tally: Decides what is counted of what was saved.
        """
        self._stitcher = stitcher
        self._ownership = ownership
        self._courier = courier
        self._rejections = rejections
        self._metrics = metrics
        self._clock = clock
        self._group = group
        self._tally = tally
        self._processing = Stage()
        self._finishing = Stage()
        self._saved = asyncio.Event()

    async def take(self, batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        """Process batches of mail as one; returns all of them except those whose partition was lost meanwhile.

        Calls may overlap; they are processed in order. Mail whose mailboxes would not fit into memory together is
        processed in portions, which overlap as well.
        """
        async with AsyncExitStack() as finishing:
            async with self._processing:
                await self._hand_over()
                mail: dict[int, list[Message]] = {}
                owned = [batch for batch in batches if self._ownership.owns(_partition(batch))]
                for batch in owned:
                    mail.setdefault(_partition(batch), []).extend(await self._unpacked(batch.records))
                    batch.records.clear()  # megabytes, which would stay until the group is saved
                portion, rest = self._stitcher.portion(mail)
                outcome = await self._process(portion)
                await finishing.enter_async_context(self._finishing)
                if outcome.void:
                    outcome = await self._process(portion)
                while rest:
                    portion, rest = self._stitcher.portion(rest)
                    outcome = await self._process_beside(outcome, portion)
            await self._finish(outcome)
        for messages in mail.values():
            self._metrics.mail_taken(messages)
        return owned

    async def _process(self, mail: Mapping[int, Sequence[Message]]) -> Batch:
        now = self._clock()
        return await patiently("stitch", lambda: self._stitcher.process(mail, now))

    async def _process_beside(self, outcome: Batch, portion: Mapping[int, Sequence[Message]]) -> Batch:
        """Process a portion while the outcome of the one before it is saved."""
        _, following = await asyncio.gather(self._finish(outcome), self._process(portion))
        return await self._process(portion) if following.void else following

    async def wake(self) -> None:
        """Fold the customers whose deadlines have passed, until none is left or a rebalance begins."""
        while await self._wake_some():
            pass

    async def _wake_some(self) -> bool:
        """Do one round, so that mail gets its turn between rounds; False if there is nothing more to do now."""
        async with AsyncExitStack() as finishing:
            async with self._processing:
                await self._hand_over()
                if self._group.rebalancing or not self._ownership.settled:
                    return False
                outcome = await patiently("wake", lambda: self._stitcher.wake(self._clock()))
                if outcome is None:
                    return False
                await finishing.enter_async_context(self._finishing)
            if not outcome.void:
                await self._finish(outcome)
            return True

    async def _finish(self, outcome: Batch) -> None:
        """Send and save an outcome, which must happen before its batch is acknowledged."""
        await self._courier.deliver(outcome.outgoing, outcome.ahead, outcome.tenures)
        outcomes = Outcomes.of(outcome)
        outcome.changes.to_count = outcomes.claims
        try:
            await self._stitcher.save(outcome)
        except ClaimLostError:
            await self._hand_on(outcome.versions)
            raise
        if outcome.refused:
            await self._keep(outcome.refused)
        now = self._clock()
        self._metrics.stitched(outcome, now)
        self._tally.add(outcomes, now)
        self._saved.set()
        if self._tally.waiting > UNCOUNTED_LIMIT:
            await self.count()
            await self.settle()

    async def saved(self, longest_seconds: float) -> None:
        """Return once something has been saved since the last call, at the latest after `longest_seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_seconds):
                await self._saved.wait()
        self._saved.clear()

    async def count(self) -> None:
        """Count what was saved and no worker has counted yet. It asks the store, so it runs beside the next batches."""
        self._metrics.counted(await patiently("counting", self._tally.count))

    async def settle(self) -> None:
        """Count the frictions that were withdrawn some time ago and hold nowhere; beside the next batches, too."""
        self._metrics.counted(await patiently("counting", lambda: self._tally.settle(self._clock())))

    async def _hand_over(self) -> None:
        """Give up and take over partitions as the last rebalance decided.

        A worker that was suspended between its assignment and the claim could claim after its successor. So the claim
        counts only if the group confirms the member and generation afterwards: a successor is assigned, and claims,
        later than that.
        """
        if self._ownership.handover() is None:
            return
        async with self._finishing:
            handover = self._ownership.handover()
            if handover is None:
                return
            await self._hand_on(handover.lost)
            await self._stitcher.revoke(handover.lost)
            self._ownership.given_up(handover.lost)
            if handover.gained and not await self._claimed(handover):
                await self._stitcher.revoke(handover.gained)
                return
            self._ownership.carried_out(handover)
        log.info("stitching partitions %s", ", ".join(map(str, sorted(handover.partitions))) or "none")

    async def _hand_on(self, partitions: Iterable[int]) -> None:
        await patiently("handing partitions on", lambda: self._stitcher.hand_on(partitions, self._clock()))

    async def _claimed(self, handover: Handover) -> bool:
        await patiently("stitch", lambda: self._claim(handover))
        while not await self._group.confirm():
            if self._group.rebalancing:
                return False
            await asyncio.sleep(CONFIRM_AGAIN_SECONDS)
        return self._is_due(handover)

    async def _claim(self, handover: Handover) -> None:
        """Claim the gained partitions, or none if another assignment has come since.

        After an outage the claim is repeated, and the partitions may have gone to another worker meanwhile. Claiming
        none succeeds, so readiness does not keep waiting for the claim that failed.
        """
        await self._stitcher.assign(handover.gained if self._is_due(handover) else ())

    def _is_due(self, handover: Handover) -> bool:
        """Whether no other assignment has come since."""
        current = self._ownership.handover()
        return current is not None and current.assignment == handover.assignment

    async def _unpacked(self, records: Sequence[Record]) -> list[Message]:
        messages: list[Message] = []
        letters: list[DeadLetter] = []
        for record in records:
            if record.tenure is not None and self._stitcher.has_tenure(record.partition, record.tenure):
                continue  # it was delivered ahead
            try:
                messages += unpack(record.value)
            except MailFormatError as error:
                letters.append(_letter(record, str(error)))
        if letters:
            await self._keep(letters)
        return messages

    async def _keep(self, letters: Sequence[DeadLetter]) -> None:
        log.error(
            "%d dead letters, see `touchline dead-letters list`; the first, of %s: %s",
            len(letters),
            letters[0].topic,
            letters[0].detail,
        )
        await self._rejections.keep("stitch", letters)


def register(app: faust.App, flow: StitchFlow, wake_interval_ms: int, failure: Failure) -> None:
    """Add the agent that stitches, the timer that wakes customers and the one that counts."""
    take = failure.guard("stitch", flow.take)
    wake = failure.guard("wake", flow.wake)
    count = failure.guard("counting", flow.count)
    settle = failure.guard("counting", flow.settle)

    def linger_seconds() -> float:
        return BEHIND_SECONDS if app.consumer.is_behind() else GROUP_SECONDS

    async def stitch(stream: StreamT) -> None:
        await each_group(stream, take, GROUP_BYTES, linger_seconds, at_once=STAGES)

    async def wake_customers() -> None:
        while not app.should_stop:
            await app.sleep(wake_interval_ms / 1000)
            await wake()

    app.agent(app.topic(MAIL_TOPIC, schema=RecordBatchSchema()), name="stitch")(stitch)

    async def count_outcomes() -> None:
        pause = COUNT_SECONDS
        while not app.should_stop:
            await app.sleep(pause)
            await flow.saved(STOP_SECONDS)
            pause = max(COUNT_SECONDS, COUNT_PAUSE * await _seconds(count))

    async def settle_withdrawals() -> None:
        pause = SETTLE_SECONDS
        while not app.should_stop:
            await app.sleep(pause)
            pause = max(SETTLE_SECONDS, COUNT_PAUSE * await _seconds(settle))

    app.task(wake_customers)
    app.task(count_outcomes)
    app.task(settle_withdrawals)


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.monotonic()
    await work()
    return time.monotonic() - began


def _partition(batch: RecordBatch) -> int:
    return batch.records[0].partition


def _letter(record: Record, detail: str) -> DeadLetter:
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        index=0,
        received_at=record.timestamp,
        reason=Reason.NOT_AN_EVENT,
        detail=detail,
        type="",
        payload=record.value,
    )
