"""Configuration of journeys: where they break, when they close, what counts as abandoned."""

from typing import Final

import msgspec

MINUTE_MS: Final = 60 * 1000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS


class JourneyPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How a customer's events become journeys. Durations in milliseconds."""

    journey_gap_ms: int = 14 * DAY_MS
    """A longer gap between two neighbouring events ends a journey, unless a transaction spans it."""
    session_gap_ms: int = 30 * MINUTE_MS
    """A longer gap between two neighbouring events of a journey ends a session."""
    max_wait_ms: int = 60 * DAY_MS
    """An order or a ticket keeps its journey open for at most this long after it was placed or (re)opened."""
    abandon_after_ms: int = HOUR_MS
    """A checkout without an order within this time is abandoned, as outcome and as friction."""
    transaction_namespaces: frozenset[str] = frozenset({"order_id", "ticket_id", "receipt_id", "parcel_id"})
    """Namespaces whose identifiers span gaps. By default further transactions of `identity.namespaces` do, too."""
