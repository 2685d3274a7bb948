"""Times as RFC 3339 writes them, to milliseconds since the epoch."""

import re
from datetime import UTC, datetime

_has_form = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
).fullmatch
_read = datetime.fromisoformat
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 17
"""Where the seconds begin; 60, a leap second, is the one number of them that begins with a 6."""


def parse_rfc3339(text: str) -> int | None:
    """Milliseconds since the epoch, rounded down; None if the text is no RFC 3339 date-time (section 5.6).

    The offset is required. A leap second counts as the second after it, as in POSIX time. The year 0000, which
    RFC 3339 allows, is not read.
    """
    if not _is_common(text) and _has_form(text) is None:
        capitals = text.upper()  # t and z may be small
        return None if capitals == text else parse_rfc3339(capitals)
    if text[_SECOND] == "6":
        before = parse_rfc3339(f"{text[:_SECOND]}59{text[_SECOND + 2 :]}")
        return None if before is None else before + 1000
    try:
        since = _read(text) - _EPOCH
    except ValueError:
        return None
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _is_common(text: str) -> bool:
    """Whether it is written as 2026-03-01T10:00:00.123Z, as most senders do, if it is a time at all.

    The separators leave `_read` no other form to read, so that the costlier check can be spared. It would take an hour
    24 (Python 3.13); a second that begins with a 6 is for the form to judge.
    """
    return (
        len(text) == 24 and text[4:20:3] == "--T::." and text[-1] == "Z" and text[11:13] < "24" and text[_SECOND] < "6"
    )
