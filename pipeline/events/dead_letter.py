"""A rejected message: what was sent, its position, why it was refused and what was expected."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

NO_POSITION: Final = -1
"""As partition: the record that held the event is no longer known, only the event as it was to be stored."""
PAYLOAD_SHOWN: Final = 2048
"""Bytes of a payload that go to the topic."""


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
    REFUSED_BY_STORE = "refused_by_store"
    """It was accepted, but ClickHouse refuses its row because of a constraint or view that was added to the table."""


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
    """Which field, what was expected, what to do: for the person who fixes it."""
    type: str
    """The event type as it was given, if it could be read; else empty."""
    payload: bytes
    """The rejected event or message as it was sent, cut at `payload_limit` bytes.

    It is not pseudonymised: a replay after a fix needs what was sent. Keep the topic and the table of dead letters to
    those who fix senders, and their retention short.
    """
    replays: int = 0
    """The number of the replay that was refused, from 1; 0 if the message was refused when first received."""


class DeadLetterFormatError(ValueError):
    """A record of the dead-letter topic holds no dead letters."""


def encode(letters: Sequence[DeadLetter]) -> bytes:
    """Write dead letters as a JSON array for people who watch their topic: payloads as text, and shortened.

    A replay takes the whole payload from the table.
    """
    return msgspec.json.encode(
        [
            {**msgspec.structs.asdict(letter), "payload": letter.payload[:PAYLOAD_SHOWN].decode("utf-8", "replace")}
            for letter in letters
        ]
    )


def decode(record: bytes) -> list[DeadLetter]:
    """Read what `encode` wrote.

    Raises:
        DeadLetterFormatError: The record holds something else.
    """
    try:
        notices = msgspec.json.decode(record, type=list[dict[str, object]])
        return [msgspec.convert({**notice, "payload": _payload(notice)}, DeadLetter) for notice in notices]
    except msgspec.MsgspecError as error:
        raise DeadLetterFormatError(f"no dead letters: {error}") from error


def _payload(notice: dict[str, object]) -> bytes:
    text = notice.get("payload")
    if not isinstance(text, str):
        raise DeadLetterFormatError("no dead letters: one has no payload")
    return text.encode()
