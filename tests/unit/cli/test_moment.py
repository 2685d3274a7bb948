"""Moments on the command line."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from pipeline.cli.moment import Moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01 10:00:00.123456", datetime(2026, 3, 1, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.5Z", datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_dates_and_times(text: str, expected: datetime) -> None:
    assert Moment().convert(text, None, None) == expected


@pytest.mark.parametrize("text", ["2h", "2h ago", "2 hours ago", " 2 Hours Ago "])
def test_an_age_counts_from_now(text: str) -> None:
    age = datetime.now(UTC) - Moment().convert(text, None, None)
    assert timedelta(hours=1, minutes=59) < age <= timedelta(hours=2)


def test_days_begin_at_midnight() -> None:
    today, yesterday = (Moment().convert(text, None, None) for text in ("today", "yesterday"))
    assert today - yesterday == timedelta(days=1)
    assert timedelta(0) <= datetime.now(UTC) - today < timedelta(days=1, seconds=1)
    assert (today.hour, today.minute, today.second, today.microsecond) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "text", ["", "ago", "soon", "2026-13-01", "2026-03-01 25:00", "20260301", "5", "-2h", "99999999999d"]
)
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no moment such as 2026-03-01, .*, 2h ago, or yesterday"):
        Moment().convert(text, None, None)
