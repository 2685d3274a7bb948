"""From the text of a cell to a typed value."""

from collections.abc import Callable
from math import isfinite

import orjson

from pipeline.importing.row import Json, as_text
from pipeline.importing.times import Moments

Convert = Callable[[Json], Json]
"""Returns None where the value cannot be read as that type."""

KINDS = ("text", "integer", "number", "money", "boolean", "time", "date", "json")
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")


def conversion(kind: str, moments: Moments, true: tuple[str, ...], false: tuple[str, ...]) -> Convert:
    """The conversion to one of `KINDS`; `true` and `false` are the words for a boolean, in any case."""
    words = {**dict.fromkeys(map(str.lower, false), False), **dict.fromkeys(map(str.lower, true), True)}
    conversions: dict[str, Convert] = {
        "text": as_text,
        "integer": integer,
        "number": number,
        "money": money,
        "boolean": lambda value: words.get(as_text(value).strip().lower()),
        "time": lambda value: moments.rfc3339(as_text(value)),
        "date": lambda value: moments.date(as_text(value)),
        "json": _json,
    }
    return conversions[kind]


def expectation(kind: str, moments: Moments, true: tuple[str, ...], false: tuple[str, ...]) -> str:
    """What a value of this kind looks like, for a message."""
    if kind in ("time", "date"):
        return f"a {kind} is expected, as {' or '.join(moments.formats)}"
    if kind == "boolean":
        return f"one of {', '.join((*true, *false))} is expected"
    return f"{'an' if kind == 'integer' else 'a'} {kind} is expected"


def integer(value: Json) -> Json:
    """A whole number, also when it is written `38.0`."""
    read = number(value)
    if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
        return int(value)
    return int(read) if isinstance(read, int | float) and read == int(read) else None


def number(value: Json) -> Json:
    """A finite number with a decimal point."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if isfinite(read) else None


def money(value: Json) -> Json:
    """An amount, rounded to cents; thousands may be set off by spaces or commas, a currency sign is ignored."""
    if isinstance(value, str):
        value = value.strip().lstrip("€$£").replace(" ", "").replace("\u00a0", "").replace(",", "")
    read = number(value)
    return round(read, 2) if isinstance(read, float) else None


def _json(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        read: Json = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return read
