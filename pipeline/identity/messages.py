"""The mail between mailboxes: touches, links, dissolves and recalls."""

import msgspec

from pipeline.events.event import Event


class Hop(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One forwarding of a touch: which mailbox, which moment it asked about, and its version then."""

    mailbox: str
    as_of: int
    version: int


class Touch(msgspec.Struct, frozen=True, array_like=True, tag="t", gc=False):
    """An event on its way to its customer."""

    at: str
    """The mailbox this message is addressed to, `namespace:value`."""
    event: Event
    as_of: int
    """The moment whose owner is asked for, milliseconds since the epoch."""
    route: tuple[Hop, ...]
    """The hops so far, first to last."""


class Link(msgspec.Struct, frozen=True, array_like=True, tag="l", gc=False):
    """An observation that the mailbox belonged to `target` at `time`."""

    at: str
    target: str
    time: int
    """Milliseconds since the epoch; for direct links rounded down to the link resolution."""
    via: tuple[str, ...] = ()
    """Sorted identifiers of the bridges that a bridged link came over; empty for a direct link."""


class Dissolve(msgspec.Struct, frozen=True, array_like=True, tag="d", gc=False):
    """`bridge` no longer bridges: links that came via it do not count any more."""

    at: str
    bridge: str


class Recall(msgspec.Struct, frozen=True, array_like=True, tag="r", gc=False):
    """Touches that `mailbox` forwarded at a version below `version`, as of a moment of the stretch, go back to it."""

    at: str
    mailbox: str
    version: int
    since: int | None = None
    """The first moment of the stretch, milliseconds since the epoch; None: always."""
    until: int | None = None
    """The first moment after it; None: for ever."""


Message = Touch | Link | Dissolve | Recall
