"""First step: the bytes of a message become the JSON values of its events."""

from typing import Final

import msgspec
import orjson

from pipeline.events.dead_letter import Reason
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection

GZIP: Final = b"\x1f\x8b"
"""The first bytes of gzip data."""


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """The elements of a message, not yet validated."""

    elements: list[object]
    is_array: bool
    may_be_large: bool
    """Whether an element can be over the size limit at all."""
    may_be_deep: bool
    """Whether an element can be over the depth limit at all."""


def decode(value: bytes, policy: IntakePolicy) -> Decoded | Rejection:
    """Read a message: one event, or an array of them. An empty array is accepted: it holds no events."""
    size = len(value)
    if size > policy.max_message_bytes:
        detail = f"the message has {size} bytes, at most {policy.max_message_bytes} are taken: send fewer events in one"
        return Rejection(Reason.TOO_LARGE, detail)
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return undecodable(value, error, policy)
    is_array = isinstance(content, list)
    elements: list[object] = content if is_array else [content]
    if len(elements) > policy.max_events_per_message:
        limit = policy.max_events_per_message
        detail = f"the message has {len(elements)} events, at most {limit} are taken: send fewer events in one"
        return Rejection(Reason.TOO_LARGE, detail)
    # Counting brackets is fifty times cheaper than walking; few messages have more than the limit.
    may_be_deep = value.count(b"{") + value.count(b"[") > policy.max_depth
    return Decoded(elements, is_array, size > policy.max_event_bytes, may_be_deep)


def undecodable(value: bytes, error: orjson.JSONDecodeError, policy: IntakePolicy) -> Rejection:
    """Explain the error that orjson found in `value`, and what to do about it."""
    if not value.strip():
        return Rejection(Reason.NOT_JSON, "the message is empty: send a CloudEvents event as JSON")
    try:
        text = value.decode()
    except UnicodeDecodeError as other:
        if value.startswith(GZIP):
            return Rejection(Reason.NOT_JSON, "it is gzipped: send it plain, or over HTTP with Content-Encoding: gzip")
        return Rejection(Reason.NOT_JSON, f"byte {other.start} is not UTF-8: encode it as UTF-8")
    if _open_brackets(text, error.pos) > policy.max_depth:
        # Somewhere beyond 800 levels the parser gives up, with an error that depends on the size of the message.
        return Rejection(Reason.TOO_DEEP, f"nested too deeply: at most {policy.max_depth} levels are taken")
    return Rejection(Reason.NOT_JSON, f"line {error.lineno} column {error.colno}: {_hint(text, error)}")


def _open_brackets(text: str, end: int) -> int:
    """About how many objects and arrays are open before `end`: brackets within strings count too."""
    opened = text.count("[", 0, end) + text.count("{", 0, end)
    return opened - text.count("]", 0, end) - text.count("}", 0, end)


def _hint(text: str, error: orjson.JSONDecodeError) -> str:
    rest = text[error.pos :].lstrip("-")
    if rest.startswith(("NaN", "Infinity")):
        return "NaN and Infinity are not JSON: leave the field out"
    if "infinity" in error.msg:
        return "the number is too large: at most 1.7e308 can be read"
    if text.startswith("\ufeff"):
        return "begins with a byte order mark: send plain UTF-8"
    if error.pos >= len(text.rstrip()):
        return "the JSON breaks off: the rest is missing"
    if "after document" in error.msg:
        return "more follows after the JSON: several events are an array, or lines for `touchline emit`"
    return "this is not JSON: mend the sender's encoder"
