"""The pure pipeline over a store in memory, with a clock that the test sets."""

from collections.abc import Iterable, Mapping
from functools import cache

import orjson

from pipeline.adapters.memory.store import MemoryStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.topics import raw_topic_of
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.record import Record
from pipeline.identity.messages import Message
from pipeline.identity.posting import post
from pipeline.journeys.rules import Rules
from pipeline.stitching.batch import Batch
from pipeline.stitching.changes import DetectedFriction
from pipeline.stitching.stitcher import Stitcher
from tests.offline import POLICY, new_intake

RULES = Rules.of()


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return Catalogue.load(schema_directories())


@cache
def _intake() -> Intake:
    return new_intake(b"secret")


def accepted(event: Mapping[str, object], now: int) -> Event:
    """The event as the intake accepts it; it must not be rejected."""
    record = Record(raw_topic_of(str(event["type"])), 0, 0, now, orjson.dumps(event))
    (outcome,) = _intake().take(record, now)
    assert isinstance(outcome, Event), outcome
    return outcome


class OfflinePipeline:
    """One worker, which notices each deadline in the millisecond in which it passes."""

    def __init__(self, now: int) -> None:
        """`now`: the clock's first time, in milliseconds since the epoch."""
        self.now = now
        self.raised: dict[str, DetectedFriction] = {}
        """Every friction that ever held, by id, as it was when first found."""
        self._store = MemoryStore()
        self._stitcher = Stitcher(self._store, catalogue().touchpoints, POLICY, RULES, 1)

    async def start(self) -> None:
        """Take over all mail; a second call is a restart."""
        await self._stitcher.assign([0])

    async def send(self, events: Iterable[Mapping[str, object]]) -> None:
        """Take in events that are sent together, and process all the mail that results."""
        mail: list[Message] = []
        for event in events:
            mail += post(accepted(event, self.now), POLICY)
        while mail:
            batch = await self._stitcher.process({0: mail}, self.now)
            await self._finish(batch)
            mail = batch.outgoing

    async def move_clock(self, to: int) -> None:
        """Let time pass until `to`, if that is later than now."""
        while due := await self._store.due([0], to, 1):
            self.now = max(self.now, due[0][1])
            batch = await self._stitcher.wake(self.now)
            assert batch is not None
            await self._finish(batch)
        self.now = max(self.now, to)

    def frictions(self) -> list[DetectedFriction]:
        """The content of the table of frictions."""
        return self._store.frictions()

    def withdrawn(self) -> list[DetectedFriction]:
        """Frictions that were raised and now hold for no customer."""
        held = {one.friction.friction_id for one in self.frictions()}
        return [one for friction_id, one in self.raised.items() if friction_id not in held]

    async def _finish(self, batch: Batch) -> None:
        await self._stitcher.save(batch)
        for friction in batch.raised:
            self.raised.setdefault(friction.friction_id, DetectedFriction(friction, self.now))
