"""What a batch of mail changes in the store."""

import msgspec

from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Hop, Touch
from pipeline.identity.owners import OwnerPeriod
from pipeline.journeys.journey import Journey


class StoredTouch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as it is kept at its customer."""

    event: Event
    as_of: int
    route: tuple[Hop, ...]
    journey_id: str
    """Empty until the customer's journeys have been folded."""
    copies: tuple[Touch, ...] = ()
    """Copies of the event at this customer that do not count, as `Mailbox.copies` has them; almost always empty."""


class MailboxRow(msgspec.Struct, frozen=True, gc=False):
    """A mailbox without its touchpoints."""

    identifier: str
    partition: int
    state: bytes
    """The mailbox's links, dissolved bridges, version and stale marks, as `pipeline.identity` encodes them."""
    owners: tuple[OwnerPeriod, ...]
    """The timeline of owners, in order of `since`; empty for a customer."""
    shared: bool


class DetectedFriction(msgspec.Struct, frozen=True, gc=False):
    """A friction with the moment it was first detected, milliseconds since the epoch (a processing time)."""

    friction: Friction
    detected_at: int

    @property
    def content(self) -> Friction:
        """What is compared to find whether it changed; a `StoredFriction` has a hash of it."""
        return self.friction

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.friction.kind


class CustomerChanges(msgspec.Struct):
    """Everything that changed at one customer: rows that are new or different, and keys of rows that are gone."""

    customer: str
    partition: int
    touches: dict[bytes, StoredTouch] = msgspec.field(default_factory=dict)
    """New or different touchpoints by event key."""
    touches_gone: set[bytes] = msgspec.field(default_factory=set)
    journeys: list[Journey] = msgspec.field(default_factory=list)
    journeys_gone: list[str] = msgspec.field(default_factory=list)
    frictions: list[DetectedFriction] = msgspec.field(default_factory=list)
    frictions_gone: list[str] = msgspec.field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(
            self.touches
            or self.touches_gone
            or self.journeys
            or self.journeys_gone
            or self.frictions
            or self.frictions_gone
        )


class Wake(msgspec.Struct, frozen=True, gc=False):
    """A customer is to be folded again when the clock reaches `at`."""

    customer: str
    partition: int
    at: int
    """Milliseconds since the epoch."""
    done: bool
    """True takes the wake back."""


class Changes(msgspec.Struct):
    """What one batch saves: set operations only, so saving it twice, or half of it and then all, does no harm."""

    mailboxes: list[MailboxRow] = msgspec.field(default_factory=list)
    customers: list[CustomerChanges] = msgspec.field(default_factory=list)
    wakes: list[Wake] = msgspec.field(default_factory=list)
    to_count: dict[str, int] = msgspec.field(default_factory=dict)
    """What may be counted once it is saved, by name in the register, each with the claim on it (`Register.claim`)."""

    def __bool__(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.mailboxes or self.customers or self.wakes or self.to_count)
