"""Random sets of one customer's events, with gaps at and around the limits of the rules."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from pipeline.events.event import Event
from tests.unit.journeys.samples import DAY, HOUR, MINUTE, SECOND, START, event

_LIMITS = (SECOND, MINUTE, 2 * MINUTE, 30 * MINUTE, HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 60 * DAY)
GAPS = st.one_of(
    st.sampled_from([0, 1, 300, 500, *(limit + nudge for limit in _LIMITS for nudge in (-1, 0, 1))]),
    st.integers(0, 2 * SECOND),
    st.integers(0, 4 * DAY),
)


def _promise(at: int) -> str:
    return datetime.fromtimestamp((START + at) / 1000, UTC).isoformat()


@st.composite
def promises(draw: st.DrawFn, at: int) -> dict[str, object]:
    """A promise as a date or as a moment, or no promise."""
    ahead = at + draw(st.sampled_from([0, 1, DAY, 2 * DAY, 5 * DAY]))
    return draw(st.sampled_from([{}, {"promised_at": _promise(ahead)}, {"promised_at": _promise(ahead)[:10]}]))


_WEB_EVENTS: list[tuple[str, dict[str, object]]] = [
    ("web.page_viewed", {"url": "/a", "status": 200}),
    ("web.page_viewed", {"url": "/b"}),
    ("web.page_viewed", {"url": "/c", "status": 404}),
    ("web.clicked", {"target": "buy"}),
    ("web.clicked", {"target": "buy"}),
    ("web.clicked", {"target": "more", "dead": True}),
    ("web.error_occurred", {"message": "x"}),
    ("web.searched", {"query": "x", "results": 0}),
    ("web.searched", {"query": "x", "results": 3}),
    ("web.product_viewed", {"product_id": "p1"}),
    ("web.checkout_started", {"amount": 30, "currency": "EUR"}),
    ("web.payment_failed", {}),
    ("store.visit_started", {}),
    ("store.item_unavailable", {"product_id": "p1"}),
    ("store.purchased", {"amount": 12.5, "currency": "EUR"}),
    ("store.item_returned", {}),
    ("feedback.review_posted", {"rating": 1}),
    ("feedback.review_posted", {"rating": 4}),
    ("feedback.survey_answered", {"kind": "nps", "score": 9}),
    ("feedback.survey_answered", {"kind": "csat", "score": 2}),
]

_RESTLESS: list[tuple[str, dict[str, object]]] = [
    ("web.page_viewed", {"url": "/a"}),
    ("web.page_viewed", {"url": "/a"}),
    ("web.page_viewed", {"url": "/b"}),
    ("web.page_viewed", {"url": "/b"}),
    ("web.page_viewed", {"url": "/c"}),
    ("web.page_viewed", {}),
    ("web.searched", {"query": "x", "results": 0}),
    ("web.searched", {"query": "x", "results": 3}),
    ("web.product_viewed", {"product_id": "p1"}),
    ("web.clicked", {"target": "buy"}),
]

_SUPPORT = st.sampled_from(
    ["opened", "opened", "replied", "transferred", "transferred", "resolved", "resolved", "reopened", "closed"]
)
_DELIVERY = st.sampled_from(
    [
        "handed_over",
        "parcel_shipped",
        "promise_changed",
        "scanned",
        "attempt_failed",
        "delivered",
        "delivered",
        "return_collected",
        "lost",
    ]
)


@st.composite
def _one(draw: st.DrawFn, at: int, key: str) -> Event:
    probe = draw(st.integers(0, 9)) == 0
    order = draw(st.sampled_from(["o1", "o2"]))
    family = draw(st.sampled_from(["web", "web", "order", "delivery", "delivery", "support"]))
    if family == "web":
        name, said = draw(st.sampled_from(_WEB_EVENTS))
        return event(name, at, said, key=key, probe=probe)
    if family == "order":
        name = draw(st.sampled_from(["web.order_placed", "web.order_placed", "web.order_cancelled"]))
        items = [{"product_id": draw(st.sampled_from(["p1", "p2"]))}]
        placed = {"amount": 20, "currency": "EUR", "items": items, **draw(promises(at))}
        said = placed if name == "web.order_placed" else {}
        return event(name, at, said, key=key, probe=probe, identifiers={"order_id": order})
    if family == "support":
        about = draw(st.sampled_from([{}, {}, {"order_id": order, "parcel_id": f"p-{order}"}, {"parcel_id": "p-3"}]))
        ticket = {"ticket_id": draw(st.sampled_from(["t1", "t2"])), **about}
        channel = draw(st.sampled_from(["phone", "chat", "email"]))
        return event(f"support.ticket_{draw(_SUPPORT)}", at, key=key, probe=probe, channel=channel, identifiers=ticket)
    name = draw(_DELIVERY)
    said = draw(promises(at)) if name in ("parcel_shipped", "handed_over", "promise_changed") else {}
    parcel = draw(st.sampled_from([{"order_id": order}, {"parcel_id": f"p-{order}"}, {"parcel_id": "p-3"}]))
    both = {"order_id": order, **parcel} if draw(st.booleans()) else parcel
    return event(f"delivery.{name}", at, said, key=key, probe=probe, identifiers=both)


@st.composite
def event_sets(draw: st.DrawFn, most: int = 14) -> list[Event]:
    """Up to `most` events of one customer, in order of time."""
    at, events = 0, []
    for index in range(draw(st.integers(0, most))):
        at += draw(GAPS)
        events.append(draw(_one(at, f"e{draw(st.integers(0, 9))}{index}")))
    return events


def clocks() -> st.SearchStrategy[int]:
    """Milliseconds after the last event, at and around the limits."""
    return st.one_of(GAPS, st.integers(0, 80 * DAY))


@st.composite
def restless_visits(draw: st.DrawFn) -> list[Event]:
    """A visit that goes in circles: a few different pages, searches and clicks in quick succession."""
    at = 0
    visit: list[Event] = []
    for number in range(draw(st.integers(1, 30))):
        at += draw(st.sampled_from([0, 200, 400, SECOND, 10 * SECOND, 25 * SECOND, MINUTE, MINUTE + 1, 2 * MINUTE + 1]))
        name, data = draw(st.sampled_from(_RESTLESS))
        visit.append(event(name, at, data, key=f"{number:02}", channel=draw(st.sampled_from(["web", "web", "app"]))))
    return visit
