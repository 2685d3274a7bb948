"""One written value turned into its type."""

import re
from math import isnan
from typing import Any, Final, Literal, get_args, get_origin

import msgspec

from pipeline.settings.duration import UNITS, parse_duration
from pipeline.settings.fields import DURATION_SUFFIX, fields_of, is_structure
from pipeline.settings.secret import Secret

LONGEST_DAYS: Final = 36_500
"""Longer durations would lead to times that ClickHouse cannot store (from 2300 on), and to timers that do not start."""

_WORDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_TYPE: Final = re.compile(r"`(\w+)`")
_GOT: Final = re.compile(r", got `\w+`")
_CHOICE: Final = re.compile(r"Invalid enum value '.*'(?: - at `\$\.(\w+)`)?$")
_SEQUENCES = (list, tuple, set, frozenset)


def convert_value(written: object, wanted: Any, *, duration: bool, text: bool) -> Any:
    """Turn a value from a file, or a text from the environment, into `wanted`.

    A duration is written with its unit (`5min`). In the environment, lists are separated by commas or written as JSON,
    tables are written as JSON.

    Raises:
        ValueError: The value does not fit; the text says what was expected.
    """
    if isinstance(written, str):
        _require_utf_8(written)
    if text and isinstance(written, str):
        written = _from_text(written, wanted)
    if duration:
        written = _milliseconds(written)
    if wanted is Secret:
        return Secret(_plain_text(written))
    try:
        converted = msgspec.convert(_keyed(written, wanted), wanted, strict=not text)
    except msgspec.ValidationError as error:
        raise ValueError(f"{_plainly(str(error), wanted, duration)}, found {written!r}") from error
    if isinstance(converted, float) and isnan(converted):
        raise ValueError(f"expected a number, found {written!r}")
    return converted


def _require_utf_8(written: str) -> None:
    """Refuse bytes that are not UTF-8: from variables and options, Python decodes them as lone surrogates."""
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text in UTF-8 expected, found other bytes") from error


def _from_text(written: str, wanted: Any) -> object:
    origin = get_origin(wanted) or wanted
    if origin in _SEQUENCES and not written.lstrip().startswith("["):
        return [part.strip() for part in written.split(",") if part.strip()]
    if origin in (*_SEQUENCES, dict):
        try:
            return msgspec.json.decode(written)
        except msgspec.DecodeError as error:
            raise ValueError(f"JSON expected: {error}") from error
    if wanted is bool and written.lower() in {"yes", "on", "no", "off"}:
        return written.lower() in {"yes", "on"}
    return written


def written_as(name: str, written: object) -> object:
    """A value as its name means it: `session_gap_ms` gives a number its unit, `session_gap` does not."""
    if not name.endswith(DURATION_SUFFIX) or isinstance(written, bool):
        return written
    if isinstance(written, dict):
        return {key: written_as(name, value) for key, value in written.items()}
    return f"{written}ms" if isinstance(written, (int, float)) or _is_number(written) else written


def _is_number(written: object) -> bool:
    return isinstance(written, str) and written.strip().isdecimal()


def _milliseconds(written: object) -> object:
    if isinstance(written, dict):
        return {key: _milliseconds(value) for key, value in written.items()}
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        return written
    milliseconds = parse_duration(str(written))
    if milliseconds > LONGEST_DAYS * UNITS["d"]:
        raise ValueError(f"a duration of at most {LONGEST_DAYS}d expected, found {written!r}")
    return milliseconds


def _keyed(written: object, wanted: Any) -> object:
    """Rename the keys of a table to the structure's attributes, so that it may name durations without `_ms`."""
    if not (isinstance(written, dict) and is_structure(wanted)):
        return written
    fields = fields_of(wanted)
    return {
        fields[key].attribute if key in fields else key: (
            _milliseconds(written_as(key, value)) if key in fields and fields[key].duration else value
        )
        for key, value in written.items()
    }


def _plain_text(written: object) -> str:
    if not isinstance(written, str):
        raise ValueError("a text expected")
    return written


def _plainly(message: str, wanted: Any, duration: bool) -> str:
    """What was expected, in words for people who write settings rather than in names of types."""
    if get_origin(wanted) is Literal:
        return f"expected one of {', '.join(get_args(wanted))}"
    if found := _CHOICE.search(message):
        choice = fields_of(wanted)[found[1]].type if found[1] else wanted
        return f"{found[1] or ''} expected one of {', '.join(choice)}".lstrip()
    expected = _GOT.sub("", message[:1].lower() + message[1:]).replace(" of length >= 1", " that is not empty")
    words = _WORDS | {"int": "a number of milliseconds"} if duration else _WORDS
    return _TYPE.sub(lambda found: words.get(found[1], found[0]), expected)
