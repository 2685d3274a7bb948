"""Delivery promises."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_DATE_LENGTH = len("2026-03-04")
_LAST_MOMENT = timedelta(days=1) - timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=1024)
def promised_until(text: str | None) -> int | None:
    """Return the last moment that keeps a promise: milliseconds since the epoch, or None for what is no date.

    Args:
        text: An RFC 3339 date-time (without an offset: UTC), or a date, which means the end of that day in UTC.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if len(text) == _DATE_LENGTH:
            moment += _LAST_MOMENT
    except (ValueError, OverflowError):
        return None
    return (moment - _EPOCH) // _MILLISECOND
