"""Payments and checkouts."""

import pytest

from tests.unit.journeys.samples import HOUR, MINUTE, START, event, folded, found

CHECKOUT = event("web.checkout_started", 0, amount=30, currency="EUR", key="checkout")


def test_payment_failed() -> None:
    assert [one.severity for one in found("payment_failed", [event("web.payment_failed")])] == [3]


def test_a_checkout_is_abandoned_when_its_hour_has_passed_on_the_clock() -> None:
    assert not found("checkout_abandoned", [CHECKOUT], now=HOUR)
    friction = found("checkout_abandoned", [CHECKOUT], now=HOUR + 1)[0]
    assert (friction.time, friction.severity, friction.evidence) == (START + HOUR, 2, ("checkout",))
    assert (friction.touchpoint, friction.owner, friction.channel) == ("checkout", "digital", "web")
    assert folded([CHECKOUT], now=5).wake_at == START + HOUR + 1


def test_a_later_event_shows_that_the_hour_has_passed() -> None:
    assert found("checkout_abandoned", [CHECKOUT, event("web.page_viewed", HOUR + 1, url="/")], now=0)


@pytest.mark.parametrize(("at", "abandoned"), [(0, False), (HOUR, False), (HOUR + 1, True), (-1, True)])
def test_an_order_within_the_hour_withdraws_it(at: int, abandoned: bool) -> None:
    placed = event("web.order_placed", at, amount=30, currency="EUR", identifiers={"order_id": "o1"})
    assert bool(found("checkout_abandoned", [placed, CHECKOUT], now=2 * HOUR)) is abandoned


def test_a_probe_s_order_does_not_complete_a_customer_s_checkout() -> None:
    placed = event("web.order_placed", MINUTE, amount=30, currency="EUR", probe=True)
    assert found("checkout_abandoned", [CHECKOUT, placed], now=2 * HOUR)


def test_each_checkout_is_judged_alone() -> None:
    again = event("web.checkout_started", 50 * MINUTE)
    placed = event("web.order_placed", 70 * MINUTE, amount=30, currency="EUR")
    abandoned = found("checkout_abandoned", [CHECKOUT, again, placed], now=5 * HOUR)
    assert [one.evidence for one in abandoned] == [("checkout",)]
