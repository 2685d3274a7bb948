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
"""Index of the seconds. Of their valid values only 60, a leap second, begins with a 6."""


def parse_rfc3339(text: str) -> int | None:
    """Milliseconds since the epoch, rounded down; None if the text is no RFC 3339 date-time (section 5.6).

    The offset is required. A leap second counts as the second after it, as in POSIX time. The year 0000, which
    RFC 3339 allows, is not read.
    """
    if not _is_common(text) and _has_form(text) is None:
        capitals = text.upper()  # t and z may be lower case
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
    """Whether a text, if it is a time at all, has the form 2026-03-01T10:00:00.123Z that most senders write.

    With these separators `_read` accepts no other form, so the costlier check of the form can be skipped. That check
    still decides on hour 24, which `_read` accepts (Python 3.13), and on seconds that begin with a 6.
    """
    return (
        len(text) == 24 and text[4:20:3] == "--T::." and text[-1] == "Z" and text[11:13] < "24" and text[_SECOND] < "6"
    )
