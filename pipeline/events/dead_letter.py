"""A rejected message: what came, where it stands, why it was refused and what was expected."""

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """Why a message or event was refused. Short and fixed: it is a metric label."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NOT_AN_EVENT = "not_an_event"
    """JSON, but no CloudEvents 1.0 event: an attribute is missing or of the wrong type."""
    UNKNOWN_TYPE = "unknown_type"
    WRONG_TOPIC = "wrong_topic"
    """The type's family has another topic."""
    BAD_TIME = "bad_time"
    IN_THE_FUTURE = "in_the_future"
    NO_IDENTIFIER = "no_identifier"
    INVALID_DATA = "invalid_data"
    """`data` does not match the schema of its type."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection."""

    topic: str
    partition: int
    offset: int
    index: int
    """Position in the array of events that the message held; 0 if it held one, or could not be read."""
    received_at: int
    """Milliseconds since the epoch."""
    reason: Reason
    detail: str
    """Which field, what was expected, what to do: for the person who mends it."""
    type: str
    """The event type as it was given, if it could be read; else empty."""
    payload: bytes
    """The rejected event or message, cut at `payload_limit` bytes."""
