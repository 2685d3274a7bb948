"""Delivery promises."""

from functools import lru_cache
from typing import Final

from pipeline.events.rfc3339 import parse_rfc3339

_DATE_LENGTH: Final = len("2026-03-04")
_LAST_MOMENT: Final = "T23:59:59.999Z"


@lru_cache(maxsize=1024)
def promised_until(text: str | None) -> int | None:
    """Return the last moment that keeps a promise: milliseconds since the epoch, or None if the text is no date.

    Args:
        text: A date-time in the format of event times (without an offset: UTC), or a date, which means the end of that
            day in UTC.
    """
    if text is None:
        return None
    if len(text) == _DATE_LENGTH:
        return parse_rfc3339(text + _LAST_MOMENT)
    moment = parse_rfc3339(text)
    return parse_rfc3339(text + "Z") if moment is None else moment
