"""Durations as people write them: `14d`, `5min`, `30s`, `250ms`, `1h 30min`, `2 hours`."""

import re
from math import isfinite
from typing import Final

_SIZES: Final = {
    ("ms", "millisecond", "milliseconds"): 1,
    ("s", "sec", "second", "seconds"): 1_000,
    ("m", "min", "minute", "minutes"): 60_000,
    ("h", "hour", "hours"): 3_600_000,
    ("d", "day", "days"): 86_400_000,
    ("w", "week", "weeks"): 604_800_000,
}
UNITS: Final = {name: size for names, size in _SIZES.items() for name in names}
"""Milliseconds per unit."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
_WRITTEN: Final = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1))


def parse_duration(text: str) -> int:
    """Read a duration as whole milliseconds; only 0 needs no unit.

    Raises:
        ValueError: Not a sequence of numbers with units.
    """
    position, total = 0, 0.0
    lowered = text.strip().lower()
    if _NUMBER.fullmatch(lowered):
        return _without_unit(lowered)
    while position < len(lowered):
        part = _PART.match(lowered, position)
        if part is None or part[2] not in UNITS:
            break
        total += float(part[1]) * UNITS[part[2]]
        position = part.end()
    if not lowered or position < len(lowered) or not isfinite(total):
        raise ValueError(f"a duration such as 30s, 5min, 1h or 14d expected, found {text!r}")
    return round(total)


def format_duration(milliseconds: int) -> str:
    """Write milliseconds in the largest unit that holds them without a remainder, e.g. `14d` or `90s`."""
    for unit, size in _WRITTEN:
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return "0s"


def _without_unit(number: str) -> int:
    """Zero; any other number could be days as well as milliseconds, and raises."""
    if not float(number):
        return 0
    if number.isdecimal() and len(number) > 3:
        raise ValueError(f"a duration needs a unit, found {number}; {number}ms is {format_duration(int(number))}")
    raise ValueError(f"a duration needs a unit, found {number}: {number}d? {number}min? {number}s?")
