"""A moment as people write it on the command line."""

from datetime import UTC, datetime, timedelta

import click

from pipeline.events.rfc3339 import parse_rfc3339
from pipeline.settings.duration import parse_duration


class Moment(click.ParamType):
    """`2026-03-01`, `2026-03-01T10:00:00Z`, or how long ago: `2h`, `7d`."""

    name = "WHEN"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read one of the forms, or fail with wrong usage."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        milliseconds = parse_rfc3339(text if len(text) > len("2026-03-01") else f"{text}T00:00:00Z")
        if milliseconds is not None:
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
        try:
            return datetime.now(UTC) - timedelta(milliseconds=parse_duration(text))
        except (ValueError, OverflowError):
            self.fail(
                f"a date, a time such as 2026-03-01T10:00:00Z, or an age such as 2h or 7d, not {text!r}", param, ctx
            )
