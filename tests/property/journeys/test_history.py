"""A history that grows event by event, against a fold of all that it holds."""

from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.journeys.fold import fold
from pipeline.journeys.history import History
from pipeline.journeys.journey import Journey
from pipeline.journeys.rules import Rules
from pipeline.simulator.simulate import simulate
from tests.offline import accept, stitch
from tests.property.journeys.strategies import GAPS, event_sets, restless_visits
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, DAY, HOUR, MINUTE, RULES, START

PAUSES = (0, 1, MINUTE, HOUR, DAY, 20 * DAY)


class Follower:
    """What somebody knows who only ever hears what changed."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.events: list[Event] = []
        self.history = History(CUSTOMER, {}, CATALOGUE, rules)
        self.journeys: dict[str, Journey] = {}
        self.frictions: dict[str, Friction] = {}
        self.made_anew = 0

    def hear(self, events: Iterable[Event], now: int) -> None:
        new = {event.key: event for event in events}
        self.events += new.values()
        if not self.history.append(new):
            self.made_anew += 1
            self.history = History(CUSTOMER, {event.key: event for event in self.events}, CATALOGUE, self.rules)
            self.journeys, self.frictions = {}, {}
        for grown in self.history.look(now):
            self.journeys[grown.journey.journey_id] = grown.journey
            for gone in grown.frictions_gone:
                del self.frictions[gone]
            self.frictions |= {friction.friction_id: friction for friction in grown.frictions}

    def check(self, now: int) -> None:
        folded = fold(CUSTOMER, self.events, now, CATALOGUE, self.rules)
        assert self.journeys == {journey.journey_id: journey for journey in folded.journeys}
        assert self.frictions == {friction.friction_id: friction for friction in folded.frictions}
        assert self.history.wake_at == folded.wake_at


def _batches(events: Sequence[Event], sizes: Iterable[int]) -> Iterable[Sequence[Event]]:
    start = 0
    for size in sizes:
        yield events[start : start + size]
        start += size
    yield events[start:]


@settings(max_examples=200)
@given(event_sets(20), st.lists(st.integers(0, 4), max_size=20), st.lists(GAPS, min_size=1), st.data())
def test_a_history_that_grew_is_the_fold_of_its_events(
    events: list[Event], sizes: list[int], waits: list[int], data: st.DataObject
) -> None:
    follower = Follower()
    ordered = sorted(events, key=lambda event: (event.time, event.source, event.id))
    for _ in range(data.draw(st.integers(0, 3)) if len(ordered) > 1 else 0):  # some come late
        late = ordered.pop(data.draw(st.integers(0, len(ordered) - 2)))
        ordered.insert(data.draw(st.integers(0, len(ordered))), late)
    now = START
    for number, batch in enumerate(_batches(ordered, sizes)):
        # The clock moves on, sometimes without an event; sometimes an event is ahead of it.
        now = max([now, *(event.time - MINUTE for event in batch)]) + waits[number % len(waits)]
        follower.hear(batch, now)
        follower.check(now)


@settings(max_examples=100)
@given(restless_visits(), st.integers(1, 4), st.data())
def test_a_restless_visit_in_and_out_of_order(visit: list[Event], most: int, data: st.DataObject) -> None:
    for place in range(1, len(visit)):
        if data.draw(st.integers(0, 5)) == 0:
            visit.insert(place + data.draw(st.integers(1, 4)), visit.pop(place))
    _hear_all(visit, most, data)


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(1, 12), st.data())
def test_a_retailer_s_customers_one_batch_after_another(seed: int, most: int, data: st.DataObject) -> None:
    _hear_all(_of_a_customer(seed), most, data)


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 6), st.data())
def test_events_of_a_retailer_s_customer_that_come_late(seed: int, most: int, latest: int, data: st.DataObject) -> None:
    ordered = _of_a_customer(seed)
    for place in range(1, len(ordered)):  # the first one begins the journey
        if data.draw(st.integers(0, 3)) == 0:
            ordered.insert(place + data.draw(st.integers(1, latest)), ordered.pop(place))
    _hear_all(ordered, most, data)


def _of_a_customer(seed: int) -> list[Event]:
    simulated = [dict(one.event) for one in simulate(seed, 3, START, 2 * DAY)]
    customers = stitch(accept(simulated, START + 90 * DAY))
    theirs = max(customers.values(), key=len, default=[])
    return sorted(theirs, key=lambda event: (event.time, event.source, event.id))[:120]


def _hear_all(ordered: Sequence[Event], most: int, data: st.DataObject) -> None:
    """Batch by batch; no fold of everything may be needed."""
    follower, now = Follower(), START
    while ordered:
        size = data.draw(st.integers(1, most))
        batch, ordered = ordered[:size], ordered[size:]
        now = max(now, batch[-1].time) + data.draw(st.sampled_from(PAUSES))
        follower.hear(batch, now)
        follower.check(now)
    assert follower.made_anew == 0
