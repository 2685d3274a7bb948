"""Causes in one channel, effects in another."""

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import DAY, HOUR, MINUTE, START, event, found

FAILED = event("web.payment_failed", 0, key="failed")


def contact(at: int, number: str = "t1", probe: bool = False, **identifiers: str) -> Event:
    return event("support.ticket_opened", at, key="call", identifiers={"ticket_id": number, **identifiers}, probe=probe)


@pytest.mark.parametrize(("after", "linked"), [(-1, False), (0, True), (HOUR, True), (HOUR + 1, False)])
def test_digital_to_support(after: int, linked: bool) -> None:
    events = [FAILED, contact(after)]
    effects = found("digital_to_support", events)
    assert len(effects) == linked
    for effect in effects:
        assert (effect.time, effect.severity, effect.channel) == (START + after, 3, "phone")
        assert effect.cause == (found("payment_failed", events)[0].friction_id,)
    assert found("digital_to_support", events[::-1]) == effects


def test_digital_to_support_needs_severity_2_on_the_web_by_a_customer() -> None:
    assert not found("digital_to_support", [event("web.error_occurred", message="x"), contact(1)])
    assert not found("digital_to_support", [event("store.item_unavailable", product_id="p"), contact(1)])
    assert not found("digital_to_support", [FAILED, contact(1, probe=True)])


def test_one_contact_has_all_its_causes() -> None:
    broken = event("web.page_viewed", MINUTE, url="/", status=404)
    effects = found("digital_to_support", [broken, contact(2 * MINUTE), FAILED])
    assert [len(effect.cause) for effect in effects] == [2]


def test_a_call_given_up_is_a_contact_and_once_it_is_a_ticket_only_one() -> None:
    given_up = event("support.contact_abandoned", MINUTE, identifiers={"ticket_id": "t1"})
    assert len(found("digital_to_support", [FAILED, given_up])) == 1
    assert len(found("digital_to_support", [FAILED, event("support.contact_abandoned", MINUTE)])) == 1
    assert [one.evidence for one in found("digital_to_support", [FAILED, given_up, contact(2 * MINUTE)])] == [("call",)]


def placed(at: int = 0, order: str = "o1", **said: object) -> Event:
    said = {"amount": 9, "currency": "EUR", "promised_at": "2026-03-02", **said}
    return event("web.order_placed", at, said, key=f"order{order}", identifiers={"order_id": order})


BROKEN = 2 * DAY - 1


@pytest.mark.parametrize(("at", "asked"), [(BROKEN, False), (BROKEN + 1, True), (4 * DAY - 1, True), (4 * DAY, False)])
def test_where_is_my_order_between_promise_and_delivery(at: int, asked: bool) -> None:
    delivered = event("delivery.delivered", 4 * DAY, identifiers={"order_id": "o1"})
    events = [placed(), delivered, contact(at)]
    effects = found("where_is_my_order", events, now=5 * DAY)
    late = found("late_delivery", events, now=5 * DAY)
    assert [effect.cause for effect in effects] == ([(late[0].friction_id,)] if asked else [])


def test_where_is_my_order_while_a_parcel_is_stalled() -> None:
    shipped = event("delivery.parcel_shipped", 0, identifiers={"parcel_id": "p1"})
    assert not found("where_is_my_order", [shipped, contact(3 * DAY)], now=9 * DAY)
    events = [shipped, contact(3 * DAY + 1)]
    assert found("where_is_my_order", events)[0].cause == (found("stalled_parcel", events)[0].friction_id,)
    assert not found("where_is_my_order", [shipped, contact(4 * DAY, probe=True)])


def test_a_contact_that_names_an_order_asks_about_that_one() -> None:
    other = placed(1, "o2", promised_at="2026-03-20")
    assert found("where_is_my_order", [placed(), other, contact(3 * DAY, order_id="o1")])
    assert not found("where_is_my_order", [placed(), other, contact(3 * DAY, order_id="o2")])


def test_a_delivery_in_time_withdraws_the_effect_with_the_cause() -> None:
    events = [placed(), contact(3 * DAY)]
    assert found("where_is_my_order", events)
    assert not found("where_is_my_order", [*events, event("delivery.delivered", DAY, identifiers={"order_id": "o1"})])


STOCKOUT = event("store.item_unavailable", 0, product_id="p1", key="gap")


@pytest.mark.parametrize(("at", "recovered"), [(-1, False), (0, True), (DAY, True), (DAY + 1, False)])
def test_stockout_to_web(at: int, recovered: bool) -> None:
    events = [STOCKOUT, placed(at, items=[{"product_id": "p2"}, {"product_id": "p1", "quantity": 1}])]
    effects = found("stockout_to_web", events)
    stockout = found("stockout", events)[0].friction_id
    assert [(one.time, one.severity, one.cause) for one in effects] == (
        [(START + at, 1, (stockout,))] if recovered else []
    )


@pytest.mark.parametrize("items", [[{"product_id": "p2"}], [], "p1", ["p1"]])
def test_another_item_recovers_nothing(items: object) -> None:
    assert not found("stockout_to_web", [STOCKOUT, placed(1, items=items)])


def review(at: int, rating: int = 2, probe: bool = False) -> Event:
    return event("feedback.review_posted", at, rating=rating, key="review", probe=probe)


@pytest.mark.parametrize(("at", "linked"), [(-1, False), (1, True), (14 * DAY, True), (14 * DAY + 1, False)])
def test_unresolved_to_review(at: int, linked: bool) -> None:
    # A visit half-way keeps it one journey.
    effects = found("unresolved_to_review", [contact(0), event("web.app_opened", 7 * DAY), review(at)])
    assert [(one.severity, one.cause, one.evidence) for one in effects] == (
        [(3, ("call",), ("call", "review"))] * linked
    )


def test_unresolved_to_review_needs_a_poor_review_of_an_open_ticket() -> None:
    resolved = event("support.ticket_resolved", HOUR, identifiers={"ticket_id": "t1"})
    assert not found("unresolved_to_review", [contact(0), review(DAY, rating=3)])
    assert not found("unresolved_to_review", [contact(0), review(DAY, probe=True)])
    assert not found("unresolved_to_review", [contact(0), resolved, review(DAY)])
    assert found("unresolved_to_review", [contact(0), resolved, review(HOUR - 1)])


def hops(*channels: str, every: int = HOUR, name: str = "support.ticket_opened") -> list[Event]:
    return [
        event(name, index * every, channel=channel, key=f"{index}{channel}") for index, channel in enumerate(channels)
    ]


def test_channel_pingpong_at_the_fourth_change() -> None:
    assert not found("channel_pingpong", hops("phone", "chat", "phone", "chat"))
    pingpong = found("channel_pingpong", hops("phone", "chat", "chat", "phone", "chat", "phone", "email"))
    assert [(one.time, one.severity) for one in pingpong] == [(START + 5 * HOUR, 2)]
    shorter = found("channel_pingpong", hops("phone", "chat", "chat", "phone", "chat", "phone"))
    assert shorter[0].friction_id == pingpong[0].friction_id
    assert pingpong[0].evidence == ("0phone", "1chat", "3phone", "4chat", "5phone", "6email")


@pytest.mark.parametrize(("every", "changes"), [(8 * HOUR, 1), (8 * HOUR + 1, 0)])
def test_channel_pingpong_within_a_day_from_the_first_to_the_fourth_change(every: int, changes: int) -> None:
    assert len(found("channel_pingpong", hops("phone", "chat", "phone", "chat", "phone", every=every))) == changes


def test_changes_that_reach_a_later_stage_are_progress() -> None:
    trail = hops("web", "app", "web", "app", "web", name="web.page_viewed")
    assert found("channel_pingpong", trail)
    assert not found("channel_pingpong", [*trail, event("web.product_viewed", 2 * HOUR + 1, channel="web")])
    assert not found("channel_pingpong", [*hops("web", "app", name="web.product_viewed"), *trail[4:]])


def test_couriers_and_replies_are_no_changes_of_channel() -> None:
    scans = [event("delivery.scanned", at * HOUR + 1, identifiers={"parcel_id": "p"}) for at in range(4)]
    assert not found("channel_pingpong", [*hops("web", "web", "web", "web", name="web.page_viewed"), *scans])
    replies = [event("support.ticket_replied", at * HOUR + 1, channel="email", key=str(at)) for at in range(4)]
    assert not found("channel_pingpong", [*hops("phone", "phone", "phone", "phone"), *replies])


def test_a_probe_s_changes_are_its_own() -> None:
    probe = [event("support.ticket_opened", at, channel="chat", probe=True, key=f"p{at}") for at in (30, HOUR + 30)]
    assert not found("channel_pingpong", [*hops("phone", "phone", "phone"), *probe])
