"""Checkouts: what the scenarios leave out."""

from tests.unit.journeys.samples import HOUR, MINUTE, event, found

CHECKOUT = event("web.checkout_started", 0, amount=30, currency="EUR", key="checkout")


def test_a_later_event_shows_that_the_hour_has_passed() -> None:
    assert found("checkout_abandoned", [CHECKOUT, event("web.page_viewed", HOUR + 1, url="/")], now=0)


def test_an_order_in_the_moment_of_the_checkout_completes_it() -> None:
    order = event("web.order_placed", 0, amount=30, currency="EUR")
    assert not found("checkout_abandoned", [CHECKOUT, order], now=2 * HOUR)


def test_each_checkout_is_judged_alone() -> None:
    again = event("web.checkout_started", 50 * MINUTE)
    placed = event("web.order_placed", 70 * MINUTE, amount=30, currency="EUR")
    abandoned = found("checkout_abandoned", [CHECKOUT, again, placed], now=5 * HOUR)
    assert [one.evidence for one in abandoned] == [("checkout",)]
