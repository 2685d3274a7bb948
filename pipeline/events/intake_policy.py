"""Configuration of the intake: limits, null-ish values, pseudonymised namespaces."""

from typing import Annotated

import msgspec

Size = Annotated[int, msgspec.Meta(ge=1)]

DEFAULT_NULLISH = (
    "",
    "-",
    "0",
    "[object object]",
    "anonymous",
    "distinct_id",
    "distinctid",
    "email",
    "false",
    "guest",
    "id",
    "n/a",
    "nan",
    "nil",
    "none",
    "not_authenticated",
    "null",
    "true",
    "undefined",
    "unknown",
    "00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000000000",
)
"""Values that senders write when they have none; based on PostHog's list of distinct ids that it refuses to merge."""

DEEPEST = 200
"""The highest `max_depth`: the encoder writes at most 254 levels."""


class IntakePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken in, and how it is normalised."""

    max_message_bytes: Size = 5 * 1024 * 1024
    max_event_bytes: Size = 1024 * 1024
    """Size of one event; in an array, of its compact JSON."""
    max_events_per_message: Size = 10_000
    max_depth: int = 32
    """Levels of objects and arrays in one event, the event included; `data.identifiers` is the third."""
    max_id_length: Size = 256
    """Characters of CloudEvents `id`."""
    max_source_length: Size = 512
    """Characters of CloudEvents `source`."""
    max_identifier_length: Size = 256
    """Characters of one identifier, without its namespace."""
    max_future_ms: int = 5 * 60 * 1000
    """How far `time` may be ahead of the receiver's clock."""
    earliest_ms: int = 0
    """The earliest `time`, milliseconds since the epoch. Earlier ones come from clocks that were never set."""
    nullish: tuple[str, ...] = DEFAULT_NULLISH
    """Identifier values that count as absent, whatever their case."""
    pseudonymise: tuple[str, ...] = ("email", "phone")
    """Namespaces whose values are replaced by a keyed hash."""
    payload_limit: Annotated[int, msgspec.Meta(ge=0)] = 5 * 1024 * 1024
    """Bytes of a dead letter's payload. A replay needs the whole message, so this is the size of the largest one."""

    def __post_init__(self) -> None:
        """Refuse a depth that cannot be handled.

        Raises:
            ValueError: `max_depth` is below 3 or above 200.
        """
        if not 3 <= self.max_depth <= DEEPEST:
            raise ValueError(f"max_depth must be between 3 and {DEEPEST}")
