"""Times as RFC 3339 writes them, to milliseconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LEAP_SECOND = "60"
_SECOND = slice(17, 19)


def parse_rfc3339(text: str) -> int | None:
    """Milliseconds since the epoch, rounded down; None if the text is no RFC 3339 date-time (section 5.6).

    The offset is required. A leap second counts as the second after it, as in POSIX time. The year 0000, which
    RFC 3339 allows, is not read.
    """
    if _FORM.fullmatch(text) is None:
        return None
    if text[_SECOND] == _LEAP_SECOND:
        before = parse_rfc3339(f"{text[: _SECOND.start]}59{text[_SECOND.stop :]}")
        return None if before is None else before + 1000
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (moment - _EPOCH) // _MILLISECOND
