"""What detectors that look at stretches are still asked about later."""

from collections.abc import Iterator, Sequence

from pipeline.frictions.detector import Deadline, Finding, about_event
from pipeline.frictions.occurrence import Steps
from pipeline.frictions.scope import Scope, at_least, without_pause
from pipeline.journeys.history import History
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, HOUR, RULES, START, event


class Unfinished:
    """A detector of a deployment: every store visit is a friction ten hours later."""

    kinds = ("unfinished",)
    listens_to = ("store.visit_started",)
    cross_channel = False
    scope = Scope(frozenset(listens_to), without_pause(2 * HOUR))

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        for visit in steps.of("store.visit_started"):
            due = visit.time + 10 * HOUR
            yield about_event("unfinished", 1, visit) if now > due else Deadline(due + 1)


def test_a_deadline_of_an_earlier_stretch_is_kept() -> None:
    history = History(CUSTOMER, {}, CATALOGUE, Rules.of(further=[Unfinished()]))
    for hour in (0, 3):
        visit = event("store.visit_started", hour * HOUR, key=f"v{hour}")
        assert history.append({visit.key: visit})
        history.look(START + hour * HOUR)
    for due in (START + 10 * HOUR + 1, START + 13 * HOUR + 1):
        assert history.wake_at == due
        (grown,) = history.look(due)
        assert [friction.kind for friction in grown.frictions] == ["unfinished"]


def test_what_happened_at_the_step_that_leads_into_a_new_stretch_stands() -> None:
    history = History(CUSTOMER, {}, CATALOGUE, RULES)
    visits = [
        event("web.page_viewed", hour * HOUR, key=f"v{hour}", channel=("web", "app")[hour % 2]) for hour in range(5)
    ]
    found, gone = [], []
    for visit in (*visits, event("store.visit_started", 53 * HOUR, key="shop")):
        assert history.append({visit.key: visit})
        for grown in history.look(visit.time):
            found += [friction.kind for friction in grown.frictions]
            gone += grown.frictions_gone
    assert (found, gone) == (["channel_pingpong"], [])


def test_a_late_event_changes_what_was_found_in_an_earlier_stretch() -> None:
    history = History(CUSTOMER, {}, CATALOGUE, RULES)
    evidence = []
    for batch in ((0, 300, 600), (10_000,), (900,), (20_000,)):
        clicks = [event("web.clicked", at, target="buy", key=f"c{at}") for at in batch]
        assert history.append({click.key: click for click in clicks})
        for grown in history.look(START + HOUR):
            evidence += [friction.evidence for friction in grown.frictions]
            assert grown.frictions_gone == []
    assert evidence == [("c0", "c300", "c600"), ("c0", "c300", "c600", "c900")]


class Pairs:
    """A detector of a deployment that needs two store visits; it notes how many it was shown."""

    kinds = ("pair",)
    listens_to = ("store.visit_started",)
    cross_channel = False
    scope = Scope(frozenset(listens_to), need=at_least(2, "store.visit_started"))

    def __init__(self) -> None:
        self.shown: list[int] = []

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        visits = steps.of("store.visit_started")
        self.shown.append(len(visits))
        yield about_event("pair", 1, visits[1], evidence=tuple(visits))


def test_a_detector_is_not_asked_before_the_journey_has_what_it_needs() -> None:
    pairs = Pairs()
    history = History(CUSTOMER, {}, CATALOGUE, Rules.of(further=[pairs]))
    for number in range(3):
        visit = event("store.visit_started", number * HOUR, key=f"v{number}")
        assert history.append({visit.key: visit})
        (grown,) = history.look(START + number * HOUR)
        assert [len(friction.evidence) for friction in grown.frictions] == [number + 1] * (number > 0)
    assert pairs.shown == [2, 3]
