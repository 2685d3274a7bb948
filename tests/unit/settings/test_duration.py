"""Durations as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("14d", 1_209_600_000),
        ("5min", 300_000),
        ("30s", 30_000),
        ("250ms", 250),
        ("1.5h", 5_400_000),
        ("1h 30min", 5_400_000),
        (" 2 D ", 172_800_000),
        ("0s", 0),
        ("0", 0),
        ("2 hours", 7_200_000),
        ("1 week 1 day", 691_200_000),
    ],
)
def test_reads(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", " ", "min", "5 parsecs", "5min x", "-5s", "1h,2s", "5s5", f"{'9' * 400}d"])
def test_refuses_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="a duration such as 30s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("14", "a duration needs a unit, found 14: 14d? 14min? 14s?"),
        ("1.5", "a duration needs a unit, found 1.5: 1.5d? 1.5min? 1.5s?"),
        ("1209600000", "a duration needs a unit, found 1209600000; 1209600000ms is 14d"),
    ],
)
def test_a_number_alone_is_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**13))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)) == milliseconds


def test_writes_the_largest_unit_that_fits() -> None:
    assert [format_duration(ms) for ms in (86_400_000, 5_400_000, 90_000, 1_500)] == ["1d", "90min", "90s", "1500ms"]
