"""Detectors that compare steps with each other: a journey of many pairs must not cost their product."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from pipeline.events.event import Event
from pipeline.frictions.cross_channel import DigitalToSupport, StockoutToWeb, UnresolvedToReview, WhereIsMyOrder
from pipeline.frictions.detector import Detector, Finding, about_event
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import CrossChannelPolicy, SupportPolicy
from pipeline.frictions.support import RepeatContact
from tests.unit.journeys.samples import DAY, START, event, touchpoint

POLICY = CrossChannelPolicy()
FEW, MANY = 50, 400
Journey = Callable[[int], list[Event]]
"""With so many pairs of what the detector compares."""


def _contact(at: int, number: int, **named: str) -> Event:
    return event("support.ticket_opened", at, identifiers={"ticket_id": f"t{number}", **named}, key=f"contact{number}")


def refused_and_asked(pairs: int) -> list[Event]:
    refused = [event("web.payment_failed", at, key=f"refused{at}") for at in range(pairs)]
    return [*refused, *(_contact(pairs + number, number) for number in range(pairs))]


def late_and_asked(pairs: int) -> list[Event]:
    late = [event("web.order_placed", at, key=f"late{at}", identifiers={"order_id": f"o{at}"}) for at in range(pairs)]
    vague = [_contact(pairs + number, number) for number in range(0, pairs, 2)]
    exact = [_contact(pairs + number, number, order_id=f"o{number}") for number in range(1, pairs, 2)]
    return [*late, *vague, *exact]


def missed_and_bought(pairs: int) -> list[Event]:
    missed = [event("store.item_unavailable", at, product_id=f"p{at}", key=f"missed{at}") for at in range(pairs)]
    bought = [
        event("web.order_placed", pairs + at, items=[{"product_id": f"p{pairs - 1 - at}"}], key=f"bought{at}")
        for at in range(pairs)
    ]
    return [*missed, *bought]


def opened_and_reviewed(pairs: int) -> list[Event]:
    reviews = [event("feedback.review_posted", pairs + at, rating=1, key=f"review{at}") for at in range(pairs)]
    return [*(_contact(at, at) for at in range(pairs)), *reviews]


def resolved_and_asked(pairs: int) -> list[Event]:
    """All in one moment, as in an export that tells days only."""
    resolved = [
        event("support.ticket_resolved", 0, identifiers={"ticket_id": f"t{number}"}, key=f"resolved{number:03}")
        for number in range(pairs)
    ]
    return [*(_contact(0, number) for number in range(pairs)), *resolved, *(_contact(1, -at) for at in range(1, pairs))]


def _finding(step: Occurrence) -> Finding | None:
    order = step.identifier("order_id")
    if step.type == "web.order_placed" and order is not None:
        concerned = frozenset({order})
        return Finding(
            kind="late_delivery", severity=3, about=order, step=step, time=step.time, evidence=(), concerns=concerned
        )
    return about_event("payment_failed", 3, step) if step.type == "web.payment_failed" else None


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the operations of the interpreter, in whatever is called."""
    operations, before = [0], sys.gettrace()

    def trace(frame: FrameType, what: str, argument: Any) -> Callable[..., Any]:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        operations[0] += what == "opcode"
        return trace

    sys._getframe().f_trace_opcodes = True  # Python 3.12 tells of none unless a frame asked before settrace
    sys.settrace(trace)
    try:
        yield operations
    finally:
        sys.settrace(before)


def operations(detector: Detector, events: Sequence[Event]) -> tuple[int, int]:
    """How many it takes to detect what is to be found, and how much that is."""
    ordered = sorted(events, key=lambda one: (one.time, one.id))
    steps = Steps(
        [Occurrence(one, one.key, touchpoint(one.type), one.time, one.type, place) for place, one in enumerate(ordered)]
    )
    findings = [finding for step in steps.all if (finding := _finding(step)) is not None]
    with counted() as count:
        found = list(detector.detect(steps, START + DAY, findings))
    return count[0], len(found)


@pytest.mark.parametrize(
    ("detector", "journey"),
    [
        (DigitalToSupport(POLICY), refused_and_asked),
        (WhereIsMyOrder(POLICY), late_and_asked),
        (StockoutToWeb(POLICY), missed_and_bought),
        (UnresolvedToReview(POLICY, 2), opened_and_reviewed),
        (RepeatContact(SupportPolicy()), resolved_and_asked),
    ],
)
def test_work_grows_with_the_steps_not_with_their_pairs(detector: Detector, journey: Journey) -> None:
    little, few = operations(detector, journey(FEW))
    much, many = operations(detector, journey(MANY))
    assert few >= FEW - 1
    assert many >= MANY - 1
    assert much / little < 2 * MANY / FEW
