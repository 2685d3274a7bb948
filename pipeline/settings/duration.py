"""Durations as people write them: `14d`, `5min`, `30s`, `250ms`, `1h 30min`."""

import re
from typing import Final

UNITS: Final = {
    "ms": 1,
    "s": 1_000,
    "sec": 1_000,
    "m": 60_000,
    "min": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "day": 86_400_000,
    "days": 86_400_000,
    "w": 604_800_000,
}
"""Milliseconds per unit."""

_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
_WRITTEN: Final = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1))


def parse_duration(text: str) -> int:
    """Read a duration as whole milliseconds.

    Raises:
        ValueError: Not a sequence of numbers with units.
    """
    position, total = 0, 0.0
    lowered = text.strip().lower()
    while position < len(lowered):
        part = _PART.match(lowered, position)
        if part is None or part[2] not in UNITS:
            break
        total += float(part[1]) * UNITS[part[2]]
        position = part.end()
    if not lowered or position < len(lowered):
        raise ValueError(f"a duration such as 30s, 5min, 1h or 14d expected, found {text!r}")
    return round(total)


def format_duration(milliseconds: int) -> str:
    """Write milliseconds in the largest unit that holds them without a remainder, e.g. `14d` or `90s`."""
    for unit, size in _WRITTEN:
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return "0s"
