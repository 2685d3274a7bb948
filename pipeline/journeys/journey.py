"""What a journey is."""

import msgspec


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One touchpoint of a journey."""

    time: int
    """Milliseconds since the epoch, UTC."""
    type: str
    touchpoint: str
    stage: str
    channel: str
    source: str
    """Source family: the first segment of the type."""
    event_id: str
    event_source: str


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's touchpoints that hold together by time and by transaction.

    It is a function of the customer's events and of the clock; times are milliseconds since the epoch, UTC.
    """

    journey_id: str
    """32 hexadecimal digits, derived from the customer, the journey's first event and `probe`."""
    customer: str
    probe: bool
    started_at: int
    ended_at: int
    status: str
    """`open` or `closed`."""
    outcome: str
    """`browsing`, `abandoned`, `converted`, `returned`, `unresolved` or `advocated`."""
    events: int
    sessions: int
    channels: tuple[str, ...]
    """Distinct, sorted."""
    sources: tuple[str, ...]
    """Distinct source families, sorted."""
    furthest_stage: str
    seconds_to_buy: float | None
    """From the first touch to the first event of the stage `buy`; None where there is none."""
    order_value: float
    """Sum of the amounts of its orders and store purchases."""
    currency: str
    """Of `order_value`, or without orders of `value_at_risk`; empty without any, `mixed` if they differ."""
    friction_score: int
    """Sum of the severities of its frictions."""
    value_at_risk: float
    """Order value of unconverted checkouts, and of orders if the journey has a friction of severity 3."""
    steps: tuple[Step, ...]
    """In order of `(time, source, id)`."""
