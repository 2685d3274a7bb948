"""A mailbox in a worker's memory, with the stored version of the rows derived from it."""

import msgspec

from pipeline.identity.mailbox import Mailbox
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.timeline import is_shared
from pipeline.journeys.history import History
from pipeline.journeys.journey import Journey
from pipeline.stitching.changes import DetectedFriction
from pipeline.stitching.store import StoredFriction, StoredMailbox

_MEMBER_BYTES = 270
"""Approximate memory of an event key with its journey id."""
_DERIVED_BYTES = 700
"""Approximate memory of a journey or friction."""
_STEP_BYTES = 350
"""Approximate memory of a step of a folded journey."""


class Entry(msgspec.Struct):
    """One cached mailbox. Its journeys, frictions and membership are as last loaded or given to a batch to be saved."""

    mailbox: Mailbox
    partition: int
    journeys: dict[str, int | Journey] = msgspec.field(default_factory=dict)
    """By journey id: what was written, or the content hash of what was loaded."""
    frictions: dict[str, StoredFriction | DetectedFriction] = msgspec.field(default_factory=dict)
    """By friction id, likewise."""
    closed: set[str] | frozenset[str] = frozenset()
    """Ids of the journeys that are closed."""
    membership: dict[bytes, str] = msgspec.field(default_factory=dict)
    """Journey id by event key."""
    history: History | None = None
    """The journeys as of the last fold; None: not folded here yet."""
    wake_at: int | None = None
    """The earliest wake that is known to be in the store, milliseconds since the epoch."""
    counted: int = 0
    """Bytes that the cache counts for it."""
    shared: bool = False
    stale: bool = False
    """Whether journeys and frictions must be folded again, even if no message changes anything."""

    @property
    def size(self) -> int:
        """Approximate bytes in memory."""
        derived = (len(self.journeys) + len(self.frictions)) * _DERIVED_BYTES
        each = _MEMBER_BYTES if self.history is None else _MEMBER_BYTES + _STEP_BYTES
        return self.mailbox.approximate_size + derived + len(self.membership) * each

    @property
    def is_customer(self) -> bool:
        """Whether it holds touchpoints, or rows that were derived from touchpoints."""
        return bool(self.mailbox.kept or self.journeys or self.frictions)


def remember(identifier: str, partition: int, stored: StoredMailbox | None, policy: IdentityPolicy) -> Entry:
    """Make the entry of a mailbox that was just loaded; `stored` is None if the store does not know it.

    After a crash its parts may come from different batches, so a customer is folded again in any case.
    """
    if stored is None:
        return Entry(Mailbox(identifier), partition)
    touches = {touch.event.key: touch for touch in stored.touches}
    mailbox = Mailbox.restore(identifier, stored.state, touches)
    membership = {key: touch.journey_id for key, touch in touches.items()}
    entry = Entry(mailbox, partition, dict(stored.journeys), dict(stored.frictions), set(stored.closed), membership)
    entry.shared = is_shared(mailbox, policy)
    entry.stale = entry.is_customer
    return entry
