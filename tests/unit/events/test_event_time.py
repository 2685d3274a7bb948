"""When an event happened, and when it was received."""

import pytest

from pipeline.events.dead_letter import Reason
from pipeline.events.intake_policy import IntakePolicy
from tests.unit.events.samples import NOW, accept, event, reject

MINUTE = 60_000


def test_the_given_time_counts() -> None:
    taken = accept(event(time="2026-03-01T11:00:00.5+01:00"))
    assert taken.time == 1_772_359_200_500
    assert taken.received_at == NOW


@pytest.mark.parametrize("time", [..., None])
def test_without_time_the_records_timestamp_stands_in(time: object) -> None:
    assert accept(event(time=time), timestamp=NOW - 5000).time == NOW - 5000


@pytest.mark.parametrize("timestamp", [-1, 0, NOW + 6 * MINUTE])
def test_a_timestamp_that_cannot_be_is_replaced_by_the_clock(timestamp: int) -> None:
    taken = accept(event(time=...), timestamp=timestamp)
    assert (taken.time, taken.received_at) == (NOW, NOW)


@pytest.mark.parametrize("time", ["", "yesterday", 1_772_359_200, True, {}, "2026-03-01T10:00:00"])
def test_anything_but_rfc3339_is_a_bad_time(time: object) -> None:
    assert "time: must be an RFC 3339 time" in reject(event(time=time), Reason.BAD_TIME)


def test_times_before_the_earliest_are_told_apart() -> None:
    accept(event(time="1970-01-01T00:00:00Z"))
    detail = reject(event(time="1969-12-31T23:59:59.999Z"), Reason.BAD_TIME)
    assert "set the sender's clock" in detail
    reject(event(time="1999-01-01T00:00:00Z"), Reason.BAD_TIME, IntakePolicy(earliest_ms=946_684_800_000))


def test_the_future_begins_after_five_minutes() -> None:
    assert accept(event(time="2026-03-02T00:05:00Z")).time == NOW + 5 * MINUTE
    detail = reject(event(time="2026-03-02T00:05:00.001Z"), Reason.IN_THE_FUTURE)
    assert "300 s in the future, at most 300 s" in detail
    reject(event(time="9999-12-31T23:59:59Z"), Reason.IN_THE_FUTURE)
