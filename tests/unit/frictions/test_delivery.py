"""Promises, parcels and cold chains."""

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


@pytest.mark.parametrize(
    ("late_by", "severity"), [(0, None), (1, 1), (DAY, 1), (DAY + 1, 2), (3 * DAY, 2), (3 * DAY + 1, 3)]
)
def test_delivered_after_the_promise(late_by: int, severity: int | None) -> None:
    events = [placed(), shipped(), parcel("delivered", PROMISE + late_by)]
    late = found("late_delivery", events, now=30 * DAY)
    assert [one.severity for one in late] == ([] if severity is None else [severity])
    assert all(one.time == START + PROMISE and one.touchpoint == "doorstep" for one in late)


@pytest.mark.parametrize(("waited", "severity"), [(0, None), (1, 1), (DAY, 1), (DAY + 1, 2), (3 * DAY + 1, 3)])
def test_not_delivered_when_the_promise_passes(waited: int, severity: int | None) -> None:
    events = [placed(), shipped()]
    late = found("late_delivery", events, now=PROMISE + waited)
    assert [one.severity for one in late] == ([] if severity is None else [severity])
    assert all((one.owner, one.evidence) == ("dispatch", ("order0", "shipped")) for one in late)


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


def test_a_delivery_in_time_that_is_reported_late_withdraws_it() -> None:
    events = [placed(), shipped()]
    assert found("late_delivery", events, now=5 * DAY)
    assert not found("late_delivery", [parcel("delivered", 3 * DAY), *events], now=5 * DAY)


def test_the_last_promise_at_or_before_shipping_counts() -> None:
    moved = parcel("promise_changed", DAY, {"promised_at": "2026-03-06T12:00:00Z"})
    after = parcel("promise_changed", DAY + 1, {"promised_at": "2026-03-20"})
    events = [placed(), moved, shipped(), after]
    assert not found("late_delivery", events, now=5 * DAY + 12 * HOUR)
    assert found("late_delivery", events, now=5 * DAY + 12 * HOUR + 1)


def test_the_shipping_notice_makes_a_promise_too() -> None:
    events = [placed(), shipped(promised_at="2026-03-02T06:00:00+02:00")]
    assert found("late_delivery", events, now=DAY + 4 * HOUR + 1)
    assert not found("late_delivery", events, now=DAY + 4 * HOUR)


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


def test_a_probe_s_delivery_does_not_fulfil_a_customer_s_order() -> None:
    probe = parcel("delivered", 2 * DAY, probe=True)
    assert [one.probe for one in found("late_delivery", [placed(), shipped(), probe], now=5 * DAY)] == [False]


@pytest.mark.parametrize("promised_at", ["soon", "", "2026-13-01", 5])
def test_what_is_no_date_is_no_promise(promised_at: object) -> None:
    order = event(
        "web.order_placed", 0, {"amount": 1, "currency": "EUR", "promised_at": promised_at}, identifiers=ORDER
    )
    assert not found("late_delivery", [order], now=30 * DAY)


def test_promise_moved_twice() -> None:
    def change(at: int, day: int) -> Event:
        return parcel("promise_changed", at, {"promised_at": f"2026-03-{day:02}"})

    once = [placed(), shipped(), change(2 * DAY, 5)]
    assert not found("promise_moved", once)
    assert not found("promise_moved", [*once, change(2 * DAY + 1, 5), change(2 * DAY + 2, 4)])
    assert [one.time for one in found("promise_moved", [*once, change(3 * DAY, 6)])] == [START + 3 * DAY]
    moved = found("promise_moved", [*once, change(2 * DAY + 1, 4), change(2 * DAY + 2, 6), change(3 * DAY, 9)])
    assert [(one.time, one.severity) for one in moved] == [(START + 2 * DAY + 2, 1)]


@pytest.mark.parametrize(
    ("name", "kind", "severity"),
    [("attempt_failed", "failed_attempt", 2), ("damaged", "damaged", 3), ("lost", "lost_parcel", 3)],
)
def test_events_that_say_so(name: str, kind: str, severity: int) -> None:
    assert [one.severity for one in found(kind, [parcel(name, 0)])] == [severity]


def test_stalled_parcel_on_the_clock() -> None:
    events = [shipped(0)]
    assert folded(events, now=1).wake_at == START + 72 * HOUR + 1
    assert not found("stalled_parcel", events, now=72 * HOUR)
    assert [one.time for one in found("stalled_parcel", events, now=72 * HOUR + 1)] == [START + 72 * HOUR]


@pytest.mark.parametrize(("silence", "stalls"), [(72 * HOUR, 0), (72 * HOUR + 1, 1)])
def test_stalled_parcel_between_scans(silence: int, stalls: int) -> None:
    scans = [parcel("scanned", HOUR), parcel("scanned", HOUR + silence), parcel("delivered", HOUR + silence + 1)]
    assert len(found("stalled_parcel", [shipped(0), *scans], now=30 * DAY)) == stalls


def test_each_silence_is_a_stall_and_a_late_scan_withdraws_it() -> None:
    delivered = parcel("delivered", 8 * DAY)
    assert len(found("stalled_parcel", [shipped(0), parcel("scanned", 4 * DAY), delivered])) == 2
    scans = [parcel("scanned", 3 * DAY), parcel("attempt_failed", 6 * DAY)]
    assert not found("stalled_parcel", [shipped(0), *scans, delivered])


def test_without_tracking_silence_says_nothing() -> None:
    handed = event("delivery.handed_over", 0, identifiers=ORDER)
    assert not found("stalled_parcel", [handed], now=9 * DAY)
    assert not found("stalled_parcel", [shipped(0), parcel("lost", HOUR)], now=9 * DAY)


def reading(at: int, celsius: float, **said: float) -> Event:
    return parcel("temperature_read", at, {"celsius": celsius, **said})


def test_cold_chain_breach_by_the_parcel_s_range() -> None:
    cold = shipped(0, range={"min_celsius": -25, "max_celsius": -18})
    assert not found("cold_chain_breach", [cold, reading(1, -18), reading(2, -25)])
    assert found("cold_chain_breach", [cold, reading(1, -17.9)])
    assert found("cold_chain_breach", [cold, reading(1, -25.1)])
    assert not found("cold_chain_breach", [shipped(0), reading(1, 40)])


def test_cold_chain_breach_by_the_reading_s_own_range() -> None:
    assert found("cold_chain_breach", [reading(1, 9, max_celsius=8)])
    assert not found("cold_chain_breach", [reading(1, 8, max_celsius=8)])


def test_consecutive_readings_outside_are_one_breach() -> None:
    values = [9, 9, 7, 9]
    breaches = found("cold_chain_breach", [reading(at, value, max_celsius=8) for at, value in enumerate(values)])
    assert [one.evidence for one in breaches] == [("temperature_read0", "temperature_read1"), ("temperature_read3",)]
    assert {one.severity for one in breaches} == {3}
    first = found("cold_chain_breach", [reading(0, 9, max_celsius=8)])
    assert first[0].friction_id == breaches[0].friction_id


def test_a_scan_between_two_readings_does_not_end_a_breach() -> None:
    events = [reading(0, 9, max_celsius=8), parcel("scanned", 1), reading(2, 9, max_celsius=8)]
    assert len(found("cold_chain_breach", events)) == 1
