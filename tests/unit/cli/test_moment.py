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
        ("2026-03-01T10:00:00.5Z", datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_dates_and_times(text: str, expected: datetime) -> None:
    assert Moment().convert(text, None, None) == expected


def test_an_age_counts_from_now() -> None:
    age = datetime.now(UTC) - Moment().convert("2h", None, None)
    assert timedelta(hours=1, minutes=59) < age <= timedelta(hours=2)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-03-01T10:00:00", "5", "99999999999d"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="a date, a time"):
        Moment().convert(text, None, None)
