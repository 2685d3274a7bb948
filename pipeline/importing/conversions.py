"""From the text of a cell to a typed value."""

import re
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

import orjson

from pipeline.importing.row import Json, as_text
from pipeline.importing.times import Moments

Convert = Callable[[Json], Json]
"""Returns None where the value cannot be read as that type."""

KINDS = ("text", "integer", "number", "money", "boolean", "time", "date", "json")
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
_DIGITS = re.compile(r"[+-]?\d{1,30}")
_SIGNS = re.compile(r"[€$£\s]")
# `59,90` must not become 5990: a mark separates thousands only where exactly three digits follow
_GROUPED = {",": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"), ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")}


class Spelling(NamedTuple):
    """How values are written in an export."""

    moments: Moments
    """Formats and time zone of dates and times."""
    decimal: str = "."
    """The decimal mark, `.` or `,`; the other one separates thousands in amounts of money."""
    true: tuple[str, ...] = TRUE
    """Words for a boolean; case does not matter."""
    false: tuple[str, ...] = FALSE


def conversion(kind: str, spelling: Spelling) -> Convert:
    """The conversion to one of `KINDS`."""
    moments, decimal, true, false = spelling
    words = {**dict.fromkeys(map(str.lower, false), False), **dict.fromkeys(map(str.lower, true), True)}
    conversions: dict[str, Convert] = {
        "text": lambda value: None if isinstance(value, list | dict) else as_text(value),
        "integer": lambda value: integer(value, decimal),
        "number": lambda value: number(value, decimal),
        "money": lambda value: money(value, decimal),
        "boolean": lambda value: words.get(as_text(value).strip().lower()),
        "time": lambda value: moments.rfc3339(as_text(value)),
        "date": lambda value: moments.date(as_text(value)),
        "json": _json,
    }
    return conversions[kind]


def expectation(kind: str, spelling: Spelling) -> str:
    """What a value of this kind looks like, for a message."""
    if kind in ("time", "date"):
        return f"a {kind} is expected, as {' or '.join(spelling.moments.formats)}"
    if kind == "boolean":
        return f"one of {', '.join((*spelling.true, *spelling.false))} is expected"
    if kind == "money":
        return f"an amount is expected, with '{spelling.decimal}' as the decimal mark"
    return f"{'an' if kind == 'integer' else 'a'} {kind} is expected"


def integer(value: Json, decimal: str = ".") -> Json:
    """A whole number, also when it is written `38.0`."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return _in_json(int(value))
    read = number(value, decimal)
    return _in_json(int(read)) if isinstance(read, float) and read == int(read) else None


def _in_json(value: int) -> Json:
    """The value, or None if it exceeds the 64 bits in which JSON is written."""
    return value if -(2**63) <= value < 2**64 else None


def number(value: Json, decimal: str = ".") -> Json:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if decimal == "," and isinstance(value, str):
        value = value.replace(".", "!").replace(",", ".")
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if isfinite(read) else None


def money(value: Json, decimal: str = ".") -> Json:
    """An amount, rounded to cents. Thousands may be separated in groups of three; a currency sign is ignored."""
    if isinstance(value, str):
        value = _SIGNS.sub("", value)
        thousands = "," if decimal == "." else "."
        if thousands in value:
            if not _GROUPED[thousands].fullmatch(value):
                return None
            value = value.replace(thousands, "")
    read = number(value, decimal)
    return round(read, 2) if isinstance(read, float) else None


def _json(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        read: Json = orjson.loads(value)
        orjson.dumps(read)  # writing allows less nesting than reading
    except (orjson.JSONDecodeError, TypeError):
        return None
    return read
