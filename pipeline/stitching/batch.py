"""The outcome of one batch of mail."""

from collections.abc import Collection

import msgspec

from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Message
from pipeline.journeys.journey import Journey
from pipeline.journeys.measures import Measure
from pipeline.stitching.changes import Changes


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """A friction that a customer no longer has."""

    friction_id: str
    kind: str


class Batch(msgspec.Struct):
    """The outcome of a batch: first its mail is sent, then `changes` are saved, then offsets are committed."""

    outgoing: list[Message] = msgspec.field(default_factory=list)
    """Mail to deliver, in the order in which it must be sent."""
    ahead: list[Message] = msgspec.field(default_factory=list)
    """Mail that was delivered within this batch. It is sent all the same, as nothing else knows of it until the changes
    are saved, and with the tenure of its partition: in that tenure it must not be taken again."""
    tenures: dict[int, int] = msgspec.field(default_factory=dict)
    """The tenures of this worker, by partition."""
    changes: Changes = msgspec.field(default_factory=Changes)
    versions: dict[int, int] = msgspec.field(default_factory=dict)
    """Row version for each partition that `changes` occurs in."""
    raised: list[Friction] = msgspec.field(default_factory=list)
    """Frictions that their customers did not have before."""
    withdrawn: list[Withdrawal] = msgspec.field(default_factory=list)
    """Frictions that their customers no longer have."""
    closed: list[Journey] = msgspec.field(default_factory=list)
    """Journeys that were not closed before."""
    settled: list[Event] = msgspec.field(default_factory=list)
    """Events that came straight to the mailbox that keeps them, and were not there before."""
    measures: list[Measure] = msgspec.field(default_factory=list)
    """Measurements of the events that arrived; they repeat when the events move to another customer."""
    shared: list[str] = msgspec.field(default_factory=list)
    """Identifiers that became shared."""
    now: int = 0
    """The clock when it was made: milliseconds since the epoch."""
    touched: Collection[str] = ()
    """The mailboxes that it was computed from."""
    refused: list[DeadLetter] = msgspec.field(default_factory=list)
    """What the store refused when the batch was saved."""
    void: bool = False
    """It may build on rows that the store refused in the batch before: process it again, do not send or save it."""
