"""What a journey is."""

from hashlib import blake2b

import msgspec


class Journey(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A customer's touchpoints that hold together by time and by transaction; each is stored with its journey's id.

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
    """Of `order_value` or, without orders, of `value_at_risk`; empty if none is given, `mixed` if they differ."""
    friction_score: int
    """Sum of the severities of its frictions."""
    value_at_risk: float
    """Order value of unconverted checkouts, and of orders if it has a friction of severity 3; in `currency`."""
    at_risk: tuple[tuple[str, float], ...]
    """The same by currency, sorted, with the checkouts in other currencies that `value_at_risk` leaves out."""
    first_event: tuple[str, str]
    """Source and id of its first event."""
    last_touchpoint: str
    stages: tuple[tuple[str, int], ...]
    """Its stages in the order in which it reached them, each with the time of its first step."""


def journey_id(customer: str, first_key: bytes, probe: bool) -> str:
    """Hash a customer and the key of a journey's first event to 32 hexadecimal digits."""
    text = f"{len(customer)}:{customer}{'probe' if probe else ''}:"
    return blake2b(text.encode() + first_key, digest_size=16).hexdigest()
