"""The state of one mailbox: links, version, recalls that passed, and the touches it keeps as a customer."""

from collections.abc import Mapping, Set
from typing import Final, NamedTuple, Protocol

from pipeline.events.event import Event
from pipeline.identity.copies import merge
from pipeline.identity.links import Links
from pipeline.identity.messages import Hop, Touch
from pipeline.identity.owners import Owners
from pipeline.identity.recalled import Recalled
from pipeline.identity.state import decode, encode

_MAILBOX_BYTES: Final = 1_500
_MARK_BYTES: Final = 250
_STEP_BYTES: Final = 80
_TOUCH_BYTES: Final = 1_500
_HOP_BYTES: Final = 220


class Kept(Protocol):
    """A stored touchpoint of a customer."""

    @property
    def event(self) -> Event:
        """The event."""
        ...

    @property
    def as_of(self) -> int:
        """The moment whose owner was asked for, milliseconds since the epoch."""
        ...

    @property
    def route(self) -> tuple[Hop, ...]:
        """The hops it came by."""
        ...

    @property
    def copies(self) -> tuple[Touch, ...]:
        """Copies of the event that do not count, as `Mailbox.copies` has them."""
        ...


class MailboxChanges(NamedTuple):
    """What changed at a mailbox since the last call of `take_changes`."""

    state: bool
    """Whether `encode_state` gives another result."""
    kept: Set[bytes]
    """Event keys of touches that were added or replaced, or whose copies changed. All of them are still kept."""
    gone: Set[bytes]
    """Event keys of touches that left. None of them is kept."""


class Mailbox:
    """One identifier's mailbox. It is mutable: `step` changes it in place. Only one holder may use it."""

    __slots__ = (
        "_changed",
        "_gone",
        "_touch_bytes",
        "copies",
        "identifier",
        "kept",
        "links",
        "owners",
        "stale",
        "state_changed",
        "version",
    )

    def __init__(self, identifier: str) -> None:
        """A pristine mailbox of `namespace:value`."""
        self.identifier = identifier
        self.links = Links()
        self.version = 0
        """How often its timeline of owners has changed."""
        self.stale: dict[str, Recalled] = {}
        """For each mailbox of lower rank whose recalls passed through this one, what they recalled."""
        self.kept: dict[bytes, Touch] = {}
        """By event key, the touches that stay here; of the copies of an event the one that counts."""
        self.copies: dict[bytes, tuple[Touch, ...]] = {}
        """The copies that do not count, smallest precedence first: one may count once the winner leaves."""
        self.owners: Owners | None = None
        """The timeline of owners; None: not computed yet. Read it through `pipeline.identity.timeline`."""
        self.state_changed = False
        self._changed: dict[bytes, None] = {}
        self._gone: dict[bytes, None] = {}
        self._touch_bytes = 0

    @classmethod
    def restore(cls, identifier: str, state: bytes, touches: Mapping[bytes, Kept]) -> "Mailbox":
        """Restore a mailbox from its stored state and its touchpoints by event key; nothing counts as changed.

        Raises:
            StateFormatError: `state` is of another version, or damaged.
        """
        mailbox = cls(identifier)
        mailbox.links, mailbox.version, mailbox.stale = decode(state)
        for key, stored in touches.items():
            touch = mailbox.kept[key] = Touch(identifier, stored.event, stored.as_of, stored.route)
            mailbox._touch_bytes += _size(touch)
            if stored.copies:
                mailbox.copies[key] = stored.copies
                mailbox._touch_bytes += sum(map(_size, stored.copies))
        return mailbox

    @property
    def approximate_size(self) -> int:
        """Approximate bytes in memory."""
        links = self.links
        size = _MAILBOX_BYTES + links.size + len(links.dissolved) * _MARK_BYTES + self._touch_bytes
        if not self.stale:
            return size
        steps = sum(len(recalled.bounds) for recalled in self.stale.values())
        return size + len(self.stale) * _MARK_BYTES + steps * _STEP_BYTES

    def held(self) -> list[tuple[bytes, Touch]]:
        """Every touch that is here, with its event key: those that count, then their other copies."""
        others = [(key, copy) for key, copies in self.copies.items() for copy in copies]
        return [*self.kept.items(), *others]

    def keep(self, touch: Touch, resolution: int) -> None:
        """Keep a touch that is addressed to this mailbox, beside or instead of other copies of its event.

        Args:
            touch: The touch.
            resolution: Link resolution in milliseconds.
        """
        key = touch.event.key
        current = self.kept.get(key)
        if current is None:
            self.kept[key] = touch
            self._changed[key] = None
            if self._gone:
                self._gone.pop(key, None)
            self._touch_bytes += _TOUCH_BYTES + len(touch.event.data) + len(touch.route) * _HOP_BYTES
        elif current != touch:
            before = (current, *self.copies.get(key, ()))
            after = merge(before, touch, resolution)
            if after != before:
                self._put(key, after[0], after[1:])

    def release(self, key: bytes, touch: Touch) -> None:
        """Let go of a touch that is held under this event key; another copy of the event may count from now on."""
        if key in self.copies:
            left = [copy for copy in (self.kept[key], *self.copies[key]) if copy is not touch]
            self._put(key, left[0], tuple(left[1:]))
            return
        self._touch_bytes -= _size(self.kept.pop(key))
        self._changed.pop(key, None)
        self._gone[key] = None

    def take_changes(self) -> MailboxChanges:
        """What changed since the last call."""
        changes = MailboxChanges(self.state_changed, self._changed.keys(), self._gone.keys())
        self.state_changed = False
        self._changed, self._gone = {}, {}
        return changes

    def _put(self, key: bytes, winner: Touch, others: tuple[Touch, ...]) -> None:
        held = (*self.copies.pop(key, ()), *((self.kept[key],) if key in self.kept else ()))
        self._touch_bytes += sum(map(_size, (winner, *others))) - sum(map(_size, held))
        self.kept[key] = winner
        if others:
            self.copies[key] = others
        self._changed[key] = None
        self._gone.pop(key, None)


def encode_state(mailbox: Mailbox) -> bytes:
    """Encode everything but the touches; empty for a mailbox without links, marks and versions."""
    return encode(mailbox.links, mailbox.version, mailbox.stale)


def decode_state(identifier: str, state: bytes) -> Mailbox:
    """Make a mailbox without touches from the result of `encode_state`.

    Raises:
        StateFormatError: Of another version, or damaged.
    """
    return Mailbox.restore(identifier, state, {})


def _size(touch: Touch) -> int:
    return _TOUCH_BYTES + len(touch.event.data) + len(touch.route) * _HOP_BYTES
