"""Depth and size of one event."""

import pytest

from pipeline.events.bounds import deeper_than
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.events.intake_policy import IntakePolicy
from tests.unit.events.samples import NOW, accept, intake, page, record, reject


def nested(levels: int) -> object:
    value: object = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(("levels", "deeper"), [(0, False), (1, False), (4, False), (5, True), (900, True)])
def test_depth_counts_objects_and_arrays(levels: int, deeper: bool) -> None:
    assert deeper_than(nested(levels), 4) is deeper


def test_an_event_may_be_as_deep_as_the_policy_says() -> None:
    accept(page({"anonymous_id": "a"}, extra=nested(30)))
    assert "at most 32 levels" in reject(page({"anonymous_id": "a"}, extra=nested(31)), Reason.TOO_DEEP)


@pytest.mark.parametrize("levels", [300, 1000])
def test_an_event_that_cannot_be_written_again_is_rejected_without_payload(levels: int) -> None:
    value = b'[{"deep": ' + b"[" * levels + b"]" * levels + b"}, 1]"
    first, second = intake().take(record(value), NOW)
    assert isinstance(first, DeadLetter)
    assert isinstance(second, DeadLetter)
    assert (first.reason, first.payload) == (Reason.TOO_DEEP, b"")
    assert (second.reason, second.payload) == (Reason.NOT_AN_EVENT, b"1")


def test_size_is_judged_for_each_event_of_an_array() -> None:
    policy = IntakePolicy(max_event_bytes=1000)
    small = b'{"specversion":"1.0","id":"1","source":"/","type":"web.signed_in","data":{"identifiers":{"email":"a@b"}}}'
    large = b'{"id":"' + b"x" * 1000 + b'"}'
    outcomes = intake(policy).take(record(b"[" + small + b"," + large + b"," + small + b"]"), NOW)
    assert [type(outcome) for outcome in outcomes] == [Event, DeadLetter, Event]
    rejected = outcomes[1]
    assert isinstance(rejected, DeadLetter)
    assert rejected.reason is Reason.TOO_LARGE
    assert "1009 bytes, at most 1000" in rejected.detail


@pytest.mark.parametrize("depth", [2, 201])
def test_a_depth_that_cannot_be_handled_is_no_policy(depth: int) -> None:
    with pytest.raises(ValueError, match="between 3 and 200"):
        IntakePolicy(max_depth=depth)


def test_the_deepest_policy_can_be_handled() -> None:
    policy = IntakePolicy(max_depth=200)
    assert accept(page({"anonymous_id": "a"}, extra=nested(198)), policy).data.count(b"[") == 99
    reject(page({"anonymous_id": "a"}, extra=nested(199)), Reason.TOO_DEEP, policy)
