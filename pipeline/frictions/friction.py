"""What a friction is."""

import msgspec


class Friction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One friction of one journey. Times are milliseconds since the epoch, UTC."""

    friction_id: str
    """32 hexadecimal digits, derived from the kind and the event or transaction it is about."""
    kind: str
    severity: int
    """1 to 3."""
    time: int
    """Event time of the step it happened at, or the deadline that passed."""
    customer: str
    journey_id: str
    touchpoint: str
    owner: str
    channel: str
    evidence: tuple[str, ...]
    """Event ids that prove it, in order of time."""
    cause: tuple[str, ...] = ()
    """Friction or event ids on the other side of a cross-channel friction."""
    probe: bool = False
