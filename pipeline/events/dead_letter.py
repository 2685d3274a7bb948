"""A rejected message: what came, where it stands, why it was refused and what was expected."""

from base64 import b64decode, b64encode
from enum import StrEnum

import msgspec
import orjson

_TEXT = "payload"
_BASE64 = "payload_base64"


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
    """The rejected event or message as it was sent, cut at `payload_limit` bytes.

    It is not pseudonymised: a replay after a fix needs what was sent. Keep the topic and the table of dead letters to
    those who mend senders, and their retention short.
    """


class DeadLetterFormatError(ValueError):
    """A record of the dead-letter topic is no dead letter."""


def encode(letter: DeadLetter) -> bytes:
    """Write a dead letter as a JSON object.

    The payload stands as text under `payload` where it is UTF-8, else in base64 under `payload_base64`.
    """
    fields: dict[str, object] = {name: getattr(letter, name) for name in DeadLetter.__struct_fields__ if name != _TEXT}
    try:
        fields[_TEXT] = letter.payload.decode()
    except UnicodeDecodeError:
        fields[_BASE64] = b64encode(letter.payload).decode()
    return orjson.dumps(fields)


def decode(record: bytes) -> DeadLetter:
    """Read what `encode` wrote.

    Raises:
        DeadLetterFormatError: It is something else.
    """
    try:
        fields = msgspec.json.decode(record, type=dict[str, object])
        fields[_TEXT] = _payload(fields)
        return msgspec.convert(fields, DeadLetter)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DeadLetterFormatError(f"no dead letter: {error}") from error


def _payload(fields: dict[str, object]) -> bytes:
    """Take the payload out of whichever field it stands in."""
    encoded, text = fields.pop(_BASE64, None), fields.get(_TEXT)
    if isinstance(encoded, str):
        return b64decode(encoded, validate=True)
    if isinstance(text, str):
        return text.encode()
    raise DeadLetterFormatError("no dead letter: it has no payload")
