"""The path of raw batches: take in, post, send the mail, keep the rejections."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from agents.courier import Courier
from agents.ingest.ports import Intake
from agents.rejections import Rejections
from agents.transport.batch import RecordBatch
from pipeline.adapters.metrics import Metrics
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.events.record import Record
from pipeline.identity.messages import Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post

EVENTS_AT_A_STRETCH: Final = 500
"""Events after which other agents get a turn."""
LETTERS_AT_ONCE: Final = 10_000
"""Rejections are kept as soon as there are this many: a batch of nothing but tiny bad elements makes a million of them,
which would take 200 MB and more before any is stored."""


class IngestPath:
    """One path for all families."""

    def __init__(
        self,
        intake: Intake,
        identity: IdentityPolicy,
        courier: Courier,
        rejections: Rejections,
        metrics: Metrics,
        clock: Callable[[], int],
    ) -> None:
        """`clock`: milliseconds since the epoch."""
        self._intake = intake
        self._identity = identity
        self._courier = courier
        self._rejections = rejections
        self._metrics = metrics
        self._clock = clock

    async def take(self, batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        """Process batches; returns all of them once their mail is acknowledged and their dead letters are kept."""
        accepted, letters = await self._sort([record for batch in batches for record in batch.records])
        messages: list[Message] = []
        for event in accepted:
            messages += post(event, self._identity)
        await self._courier.deliver(messages)
        await self._rejections.keep("ingest", letters)
        self._metrics.accepted(accepted)
        return batches

    async def _sort(self, records: Iterable[Record]) -> tuple[list[Event], list[DeadLetter]]:
        """The accepted events and the rejections of records, without the rejections already kept and counted here.

        Rejections must not pile up: an array element of two bytes becomes a dead letter of some hundred.
        """
        accepted: list[Event] = []
        letters: list[DeadLetter] = []
        now = self._clock()
        stretch = 0
        for record in records:
            outcomes = self._intake.take(record, now)
            for outcome in outcomes:
                if isinstance(outcome, Event):
                    accepted.append(outcome)
                else:
                    letters.append(outcome)
            if len(letters) >= LETTERS_AT_ONCE:
                await self._rejections.keep("ingest", letters)
                letters = []
            stretch += len(outcomes)
            if stretch >= EVENTS_AT_A_STRETCH:
                stretch = 0
                await asyncio.sleep(0)
        return accepted, letters
