"""A moment as people write it on the command line."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from pipeline.events.rfc3339 import parse_rfc3339
from pipeline.settings.duration import parse_duration

EXAMPLES: Final = "2026-03-01, 2026-03-01T10:00:00Z, 2h ago, or yesterday"

_WRITTEN_OUT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?", re.IGNORECASE)
"""As tables show it: without an offset, in UTC."""
_DAYS_AGO: Final = {"today": 0, "yesterday": 1}


class Moment(click.ParamType):
    """A date or a time, in UTC where it has no offset; how long ago: `2h`, `2h ago`; or a day: `yesterday`."""

    name = "WHEN"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read one of the forms, or fail with wrong usage."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            return _absolute(text) or _relative(text.lower(), datetime.now(UTC))
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no moment such as {EXAMPLES}", param, ctx)


def _absolute(text: str) -> datetime | None:
    """A moment written out as date or time; None if the text has another form.

    Raises:
        ValueError: It has the form, but there is no such date or time.
    """
    if (milliseconds := parse_rfc3339(text)) is not None:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if _WRITTEN_OUT.fullmatch(text) else None


def _relative(text: str, now: datetime) -> datetime:
    if text in _DAYS_AGO:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS_AGO[text])
    return now - timedelta(milliseconds=parse_duration(text.removesuffix("ago")))
