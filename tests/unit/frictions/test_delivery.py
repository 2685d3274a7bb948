"""Promises and parcels: what the scenarios leave out."""

from itertools import permutations

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import DAY, HOUR, START, event, folded, found

ORDER = {"order_id": "o1"}
BOTH = {"order_id": "o1", "parcel_id": "p1"}
PARCEL = {"parcel_id": "p1"}
DAY_OF_PROMISE = "2026-03-04"
PROMISE = 4 * DAY - 1
"""The last moment of that day, after the start."""


def placed(at: int = 0, promised_at: str | None = DAY_OF_PROMISE) -> Event:
    said = {"promised_at": promised_at} if promised_at else {}
    return event("web.order_placed", at, {"amount": 9, "currency": "EUR", **said}, identifiers=ORDER, key=f"order{at}")


def parcel(name: str, at: int, said: dict[str, object] | None = None, probe: bool = False) -> Event:
    return event(f"delivery.{name}", at, said, identifiers=PARCEL, key=f"{name}{at}", probe=probe)


def shipped(at: int = DAY, **said: object) -> Event:
    return event("delivery.parcel_shipped", at, said, identifiers=BOTH, key="shipped")


def test_a_late_delivery_wakes_when_it_breaks_and_when_it_grows_and_stays_one_friction() -> None:
    events, ids, now = [placed(), event("delivery.handed_over", DAY, identifiers=BOTH)], set(), 2 * DAY
    for expected in (PROMISE + 1, PROMISE + DAY + 1, PROMISE + 3 * DAY + 1):
        assert folded(events, now=now).wake_at == START + expected
        now = expected
        ids |= {one.friction_id for one in found("late_delivery", events, now=now)}
    events.append(parcel("delivered", 20 * DAY))
    ids |= {one.friction_id for one in found("late_delivery", events)}
    assert len(ids) == 1


def test_an_order_that_is_never_shipped_is_late_at_the_shop() -> None:
    late = found("late_delivery", [placed()], now=PROMISE + 1)
    assert [(one.owner, one.evidence) for one in late] == [("sales", ("order0",))]
    shipped_late = found("late_delivery", [placed(), shipped(5 * DAY)], now=6 * DAY)
    assert shipped_late[0].friction_id == late[0].friction_id
    assert shipped_late[0].owner == "dispatch"


def test_the_last_promise_at_or_before_shipping_counts() -> None:
    moved = parcel("promise_changed", DAY, {"promised_at": "2026-03-06T12:00:00Z"})
    after = parcel("promise_changed", DAY + 1, {"promised_at": "2026-03-20"})
    events = [placed(), moved, shipped(), after]
    assert not found("late_delivery", events, now=5 * DAY + 12 * HOUR)
    assert found("late_delivery", events, now=5 * DAY + 12 * HOUR + 1)


def at_once(key: str, name: str, at: int = 0, promised_at: str = "") -> Event:
    said = {"promised_at": promised_at} if promised_at else {}
    return event(name, at, said, identifiers=PARCEL if name == "delivery.delivered" else BOTH, key=key)


@pytest.mark.parametrize("ids", list(permutations("abc")))
def test_of_promises_made_in_one_moment_the_change_is_the_last(ids: tuple[str, ...]) -> None:
    moment = [
        at_once(ids[0], "web.order_placed", 0, DAY_OF_PROMISE),
        at_once(ids[1], "delivery.parcel_shipped", 0, DAY_OF_PROMISE),
        at_once(ids[2], "delivery.promise_changed", 0, "2026-03-10"),
    ]
    assert not found("late_delivery", moment, now=9 * DAY)
    later = at_once("later", "delivery.promise_changed", DAY, "2026-03-11")
    assert len(found("promise_moved", [*moment, later])) == 1


@pytest.mark.parametrize("ids", list(permutations("abc")))
def test_a_parcel_sent_delivered_and_returned_on_one_day_is_a_delivery(ids: tuple[str, ...]) -> None:
    day = [
        at_once(ids[0], "delivery.parcel_shipped", 6 * DAY, DAY_OF_PROMISE),
        at_once(ids[1], "delivery.delivered", 6 * DAY),
        at_once(ids[2], "delivery.return_collected", 6 * DAY),
    ]
    (late,) = found("late_delivery", day)
    assert (late.touchpoint, len(late.evidence)) == ("doorstep", 2)


def test_a_promise_moves_also_where_only_the_shop_tells_of_it() -> None:
    moves = (at_once(f"order{day}", "web.order_placed", day * DAY, f"2026-03-1{day}") for day in range(3))
    assert [one.time for one in found("promise_moved", moves)] == [START + 2 * DAY]


def test_a_promise_made_after_shipping_breaks_nothing() -> None:
    changed = parcel("promise_changed", 2 * DAY, {"promised_at": DAY_OF_PROMISE})
    assert not found("late_delivery", [placed(promised_at=None), shipped(), changed], now=20 * DAY)


def test_a_hand_over_stands_in_for_shipping() -> None:
    handed = event("delivery.handed_over", DAY, identifiers=ORDER)
    changed = event("delivery.promise_changed", 2 * DAY, promised_at="2026-03-20", identifiers=ORDER)
    assert found("late_delivery", [placed(), handed, changed], now=5 * DAY)
    assert not found("late_delivery", [placed(), changed], now=5 * DAY)


@pytest.mark.parametrize(("at", "late"), [(PROMISE, False), (PROMISE + 1, True)])
@pytest.mark.parametrize("name", ["web.order_cancelled", "delivery.return_collected"])
def test_a_cancellation_or_return_settles_the_promise(name: str, at: int, late: bool) -> None:
    events = [placed(), event(name, at, identifiers=ORDER)]
    assert [one.severity for one in found("late_delivery", events, now=30 * DAY)] == ([1] if late else [])


def test_each_parcel_of_an_order_is_judged_and_the_first_keeps_the_order_s_friction() -> None:
    second = event("delivery.parcel_shipped", 2 * DAY, identifiers={"order_id": "o1", "parcel_id": "p2"})
    waiting = found("late_delivery", [placed()], now=5 * DAY)
    late = found("late_delivery", [placed(), shipped(), second], now=5 * DAY)
    assert len(late) == 2
    assert waiting[0].friction_id in {one.friction_id for one in late}
    delivered = [placed(), shipped(), second, parcel("delivered", 3 * DAY)]
    assert len(found("late_delivery", delivered, now=5 * DAY)) == 1
    whole_order = event("delivery.delivered", 3 * DAY, identifiers=ORDER)
    assert not found("late_delivery", [placed(), shipped(), second, whole_order], now=5 * DAY)


def test_a_return_parcel_is_no_late_delivery() -> None:
    back = event("delivery.return_collected", 3 * DAY, identifiers={"order_id": "o1", "parcel_id": "back"})
    events = [placed(), shipped(), parcel("delivered", 2 * DAY), back]
    assert not found("late_delivery", events, now=30 * DAY)


def test_each_parcel_of_an_order_that_was_shipped_as_one_stalls_for_itself() -> None:
    parts = [event("delivery.temperature_read", 1, identifiers={**ORDER, "parcel_id": name}, key=name) for name in "ab"]
    sent = [event("delivery.parcel_shipped", 0, identifiers=ORDER), *parts]
    arrived = event("delivery.delivered", 80 * HOUR, identifiers={"parcel_id": "a"})
    asked = event("support.ticket_opened", 90 * HOUR, identifiers={"ticket_id": "t", "parcel_id": "b"})
    stalls = found("stalled_parcel", [*sent, arrived, asked])
    assert sorted(len(one.evidence) for one in stalls) == [1, 2]
    (question,) = found("where_is_my_order", [*sent, arrived, asked])
    assert question.cause == tuple(one.friction_id for one in stalls if len(one.evidence) == 1)
    (alone,) = found("stalled_parcel", sent[:1], now=80 * HOUR)
    assert alone.friction_id in {one.friction_id for one in stalls}


def test_parcels_that_share_one_of_several_orders_stall_for_themselves() -> None:
    ties = (("o1", "a"), ("o1", "b"), ("o2", "b"))
    parts = [
        event("delivery.temperature_read", 1, identifiers={"order_id": order, "parcel_id": name}, key=order + name)
        for order, name in ties
    ]
    sent = event("delivery.parcel_shipped", 0, identifiers=ORDER)
    assert len(found("stalled_parcel", [sent, *parts], now=80 * HOUR)) == 2


def test_a_question_about_an_order_that_only_tickets_name_finds_its_late_parcel() -> None:
    sent = parcel("parcel_shipped", 0, {"promised_at": "2026-03-01"})
    tied = event("support.ticket_replied", 2, identifiers={"ticket_id": "t1", **BOTH})
    asked = event("support.ticket_opened", 2 * DAY, identifiers={"ticket_id": "t2", **ORDER})
    assert found("where_is_my_order", [sent, tied, asked])
    assert not found("where_is_my_order", [sent, asked])
    before, after = (found("late_delivery", some, now=2 * DAY) for some in ([sent], [sent, tied]))
    assert before == after


@pytest.mark.parametrize("promised_at", ["soon", "", "2026-13-01", 5])
def test_what_is_no_date_is_no_promise(promised_at: object) -> None:
    order = event(
        "web.order_placed", 0, {"amount": 1, "currency": "EUR", "promised_at": promised_at}, identifiers=ORDER
    )
    assert not found("late_delivery", [order], now=30 * DAY)
