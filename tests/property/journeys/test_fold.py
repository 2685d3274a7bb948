"""The fold against the oracle, against itself in another order, and against the clock."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events.event import Event
from pipeline.journeys.fold import Folded, fold
from tests.property.journeys import oracle
from tests.property.journeys.strategies import clocks, event_sets
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, RULES, START


def _clock(events: list[Event], after: int) -> int:
    return max((event.time for event in events), default=START) + after


def _fold(events: list[Event], now: int) -> Folded:
    return fold(CUSTOMER, events, now, CATALOGUE, RULES)


def _comparable(folded: Folded, events: list[Event]) -> list[oracle.Trip]:
    ids = {event.key: event.id for event in events}
    assert [len(folded.steps[journey.journey_id]) for journey in folded.journeys] == [
        journey.events for journey in folded.journeys
    ]
    return [
        oracle.Trip(
            probe=journey.probe,
            event_ids=tuple(ids[key] for key in folded.steps[journey.journey_id]),
            status=journey.status,
            outcome=journey.outcome,
            sessions=journey.sessions,
            furthest_stage=journey.furthest_stage,
            seconds_to_buy=journey.seconds_to_buy,
            order_value=journey.order_value,
            problems=frozenset(),
        )
        for journey in folded.journeys
    ]


def _problems(folded: Folded) -> set[tuple[str, str, int, int, int]]:
    return {
        (friction.journey_id, friction.kind, friction.severity, friction.time, len(friction.cause))
        for friction in folded.frictions
        if friction.kind in oracle.KINDS
    }


@settings(max_examples=400)
@given(event_sets(), clocks())
def test_the_fold_is_what_the_oracle_computes(events: list[Event], after: int) -> None:
    now = _clock(events, after)
    folded, trips = _fold(events, now), oracle.journeys(events, now)
    assert _comparable(folded, events) == [trip._replace(problems=frozenset()) for trip in trips]
    expected = {
        (journey.journey_id, problem.kind, problem.severity, problem.time, problem.causes)
        for journey, trip in zip(folded.journeys, trips, strict=True)
        for problem in trip.problems
    }
    assert _problems(folded) == expected


@settings(max_examples=150)
@given(event_sets(), clocks(), st.data())
def test_order_and_copies_do_not_matter(events: list[Event], after: int, data: st.DataObject) -> None:
    now = _clock(events, after)
    copies = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    shuffled = data.draw(st.permutations([*events, *copies]))
    assert _fold(shuffled, now) == _fold(events, now)


@settings(max_examples=150)
@given(event_sets(), st.lists(clocks(), min_size=1, max_size=6))
def test_nothing_changes_before_the_wake(events: list[Event], steps: list[int]) -> None:
    now = _clock(events, 0) if events else START
    for step in steps:
        before = _fold(events, now)
        assert before.wake_at is None or before.wake_at > now
        later = now + step if before.wake_at is None else min(now + step, before.wake_at - 1)
        assert _fold(events, later) == before
        now = now + step


@settings(max_examples=150)
@given(event_sets())
def test_following_the_wakes_comes_to_rest(events: list[Event]) -> None:
    now = START
    for _ in range(200):
        folded = _fold(events, now)
        if folded.wake_at is None:
            break
        now = folded.wake_at
    else:
        raise AssertionError("more wakes than deadlines")
    assert all(journey.status == "closed" for journey in folded.journeys)


@settings(max_examples=150)
@given(event_sets(), clocks())
def test_every_event_is_in_one_journey(events: list[Event], after: int) -> None:
    folded = _fold(events, _clock(events, after))
    assert sorted(key for keys in folded.steps.values() for key in keys) == sorted(event.key for event in events)
    assert list(folded.steps) == [journey.journey_id for journey in folded.journeys]
    assert len({journey.journey_id for journey in folded.journeys}) == len(folded.journeys)
    ids = [friction.friction_id for friction in folded.frictions]
    assert len(set(ids)) == len(ids)
    for journey in folded.journeys:
        own = [friction for friction in folded.frictions if friction.journey_id == journey.journey_id]
        assert journey.friction_score == sum(friction.severity for friction in own)
        assert all(friction.probe == journey.probe for friction in own)
