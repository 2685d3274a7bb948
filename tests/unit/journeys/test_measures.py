from collections.abc import Sequence

from pipeline.events.event import Event
from pipeline.journeys.history import History
from pipeline.journeys.measures import Measure, measures
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, DAY, HOUR, MINUTE, RULES, START, event

PARCEL = {"order_id": "7", "parcel_id": "p"}


def measured(events: Sequence[Event], arrived: Sequence[Event]) -> list[Measure]:
    (journey,) = History(CUSTOMER, {one.key: one for one in events}, CATALOGUE, RULES).look(START + 30 * DAY)
    news = {one.key for one in arrived}
    return measures(journey.journey.journey_id, journey.steps, [step for step in journey.steps.all if step.key in news])


def shipped(at: int = 0) -> Event:
    return event("delivery.parcel_shipped", at, identifiers=PARCEL, promised_at="2026-03-02")


def delivered(at: int) -> Event:
    return event("delivery.delivered", at, identifiers=PARCEL)


def ticket(name: str, at: int) -> Event:
    return event(f"support.ticket_{name}", at, identifiers={"ticket_id": "t"}, channel="chat")


def test_a_page_and_a_queue_are_measured_by_their_own_events() -> None:
    page, queue = (
        event("web.page_measured", 1, lcp_ms=2_500),
        event("store.queue_left", 2, wait_seconds=90, served=True),
    )
    found = {(one.kind, one.label, one.seconds) for one in measured([page, queue], [page, queue])}
    assert found == {("page_lcp", "website", 2.5), ("queue_wait", "store", 90)}


def test_what_says_nothing_is_not_measured() -> None:
    silent = event("web.page_measured", 1, cls=0.1)
    assert measured([silent], [silent]) == []


def test_a_delivery_is_measured_when_it_arrives_and_not_again() -> None:
    events = [shipped(), delivered(3 * DAY), event("web.page_viewed", 4 * DAY)]
    (late,) = measured(events, events[1:2])
    assert (late.kind, late.label, late.about) == ("delivery_delay", "courier", "order_id:7")
    assert late.seconds == (DAY + 1) / 1000
    assert measured(events, events[2:]) == []


def test_a_promise_that_arrives_after_the_delivery_completes_the_measure() -> None:
    events = [shipped(), delivered(3 * DAY)]
    assert [one.kind for one in measured(events, events[:1])] == ["delivery_delay"]
    assert measured(events[1:], events[1:]) == []


def test_a_delivery_in_time_has_no_delay() -> None:
    events = [shipped(), delivered(DAY)]
    assert [one.seconds for one in measured(events, events)] == [0]


def test_the_first_answer_is_measured_and_later_ones_are_not() -> None:
    events = [ticket("opened", 0), ticket("replied", 2 * MINUTE), ticket("resolved", HOUR)]
    (reply,) = measured(events, events[1:2])
    assert (reply.kind, reply.label, reply.seconds) == ("first_reply", "chat", 120)
    assert measured(events, events[2:]) == []


def test_a_probe_is_not_measured() -> None:
    page = event("web.page_measured", 1, lcp_ms=2_500, probe=True)
    assert measured([page], [page]) == []
