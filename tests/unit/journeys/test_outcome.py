"""What became of a journey."""

from itertools import permutations

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import DAY, HOUR, START, event, folded

ORDER = event("web.order_placed", 0, amount=10, currency="EUR", identifiers={"order_id": "o1"})
CHECKOUT = event("web.checkout_started", 0)


def outcome(*events: Event, now: int = 10 * DAY) -> str:
    return folded(events, now=now).journeys[0].outcome


def ticket(name: str, at: int, number: str = "t1", key: str = "") -> Event:
    return event(f"support.ticket_{name}", at, identifiers={"ticket_id": number}, key=key)


def review(at: int, rating: int) -> Event:
    return event("feedback.review_posted", at, rating=rating)


def nps(at: int, score: int, kind: str = "nps") -> Event:
    return event("feedback.survey_answered", at, kind=kind, score=score)


def test_browsing() -> None:
    assert outcome(event("web.page_viewed", url="/")) == "browsing"


def test_abandoned_when_the_hour_has_passed() -> None:
    assert outcome(CHECKOUT, now=HOUR) == "browsing"
    assert folded([CHECKOUT], now=0).wake_at == START + HOUR + 1
    assert outcome(CHECKOUT, now=HOUR + 1) == "abandoned"
    assert outcome(CHECKOUT, event("web.app_opened", HOUR + 1), now=0) == "abandoned"


@pytest.mark.parametrize("name", ["web.order_placed", "store.purchased"])
def test_converted(name: str) -> None:
    assert outcome(CHECKOUT, event(name, 2 * HOUR, amount=1, currency="EUR")) == "converted"


@pytest.mark.parametrize("name", ["store.item_returned", "delivery.return_collected"])
def test_returned(name: str) -> None:
    assert outcome(ORDER, event(name, DAY)) == "returned"


def test_unresolved_until_the_last_resolution() -> None:
    returned = event("store.item_returned", 0)
    assert outcome(returned, ticket("opened", 1)) == "unresolved"
    assert outcome(returned, ticket("opened", 1), ticket("resolved", 2)) == "returned"
    assert outcome(returned, ticket("opened", 1), ticket("closed", 2)) == "returned"
    assert outcome(ticket("opened", 1), ticket("resolved", 2), ticket("reopened", 3)) == "unresolved"
    assert outcome(ticket("opened", 1), ticket("resolved", 2, "t2")) == "unresolved"
    assert outcome(ticket("replied", 1)) == "browsing"


@pytest.mark.parametrize("ids", list(permutations("abc")))
@pytest.mark.parametrize(
    ("earlier", "in_one_moment", "expected"),
    [
        ((), ("opened", "resolved"), "browsing"),
        ((), ("opened", "closed", "resolved"), "browsing"),
        ((), ("opened", "resolved", "reopened"), "unresolved"),
        ((), ("opened", "opened", "resolved"), "browsing"),
        (("opened",), ("resolved", "reopened"), "unresolved"),
        (("opened",), ("resolved", "reopened", "closed"), "browsing"),
        (("opened", "resolved"), ("reopened", "resolved"), "browsing"),
        (("opened", "resolved"), ("reopened", "closed", "replied"), "browsing"),
    ],
)
def test_what_happened_to_a_ticket_in_one_moment_goes_by_its_sense(
    ids: tuple[str, ...], earlier: tuple[str, ...], in_one_moment: tuple[str, ...], expected: str
) -> None:
    before = [ticket(name, at) for at, name in enumerate(earlier)]
    moment = [ticket(name, 9, key=key) for name, key in zip(in_one_moment, ids, strict=False)]
    assert outcome(*before, *moment) == expected


def test_advocated_after_converting() -> None:
    assert outcome(ORDER, ticket("opened", 1), review(2, 4)) == "advocated"
    assert outcome(ORDER, nps(1, 9)) == "advocated"
    assert outcome(ORDER, review(1, 3)) == "converted"
    assert outcome(ORDER, nps(1, 8)) == "converted"
    assert outcome(ORDER, nps(1, 9, kind="csat")) == "converted"
    assert outcome(review(-1, 5), ORDER) == "converted"
    assert outcome(ORDER, review(0, 5)) == "advocated"  # although its id is before the order's
    assert outcome(review(1, 5)) == "browsing"
