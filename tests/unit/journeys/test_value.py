"""Order value and value at risk."""

import pytest

from pipeline.events.event import Event
from pipeline.journeys.journey import Journey
from tests.unit.journeys.samples import DAY, HOUR, MINUTE, event, folded


def order(at: int, amount: float, number: str = "o1", currency: str = "EUR") -> Event:
    return event("web.order_placed", at, amount=amount, currency=currency, identifiers={"order_id": number})


def purchase(at: int, amount: float, receipt: str) -> Event:
    return event("store.purchased", at, amount=amount, currency="EUR", identifiers={"receipt_id": receipt})


def checkout(at: int, said: dict[str, object] | None = None) -> Event:
    return event("web.checkout_started", at, said)


def journey(*events: Event, now: int = 10 * DAY) -> Journey:
    return folded(events, now=now).journeys[0]


def test_orders_and_purchases_add_up() -> None:
    whole = journey(order(0, 0.1), order(1, 0.2, "o2"), purchase(2, 0.3, "r1"), purchase(3, 1, "r2"))
    assert (whole.order_value, whole.currency) == (1.6, "EUR")


def test_copies_of_an_order_under_other_event_ids_count_once() -> None:
    assert journey(order(5, 99), order(0, 10)).order_value == 10
    assert journey(purchase(0, 10, "r1"), purchase(5, 99, "r1")).order_value == 10


def test_orders_without_identifier_count_each() -> None:
    nameless = [event("store.purchased", at, amount=4, currency="EUR") for at in (0, 1)]
    assert journey(*nameless).order_value == 8


def test_currencies() -> None:
    assert journey(order(0, 1, currency="BRL")).currency == "BRL"
    assert journey(order(0, 1), order(1, 1, "o2", "BRL")).currency == "mixed"
    assert journey(event("web.page_viewed", url="/")).currency == ""


def test_an_abandoned_checkout_is_at_risk_once_its_hour_has_passed() -> None:
    basket = checkout(0, {"amount": 30, "currency": "EUR"})
    assert journey(basket, now=HOUR).value_at_risk == 0
    abandoned = journey(basket, now=HOUR + 1)
    assert (abandoned.value_at_risk, abandoned.order_value, abandoned.currency) == (30, 0, "EUR")


@pytest.mark.parametrize(("currency", "at_risk"), [("EUR", 50), ("KRW", 0), (None, 50)])
def test_a_basket_in_another_currency_is_not_added_to_the_orders_and_does_not_mix_theirs(
    currency: str | None, at_risk: float
) -> None:
    basket = checkout(DAY, {"amount": 50, "currency": currency} if currency else {"amount": 50})
    whole = journey(order(0, 30), basket)
    assert (whole.order_value, whole.currency, whole.value_at_risk) == (30, "EUR", at_risk)
    severe = journey(order(0, 30), basket, event("web.payment_failed", -MINUTE))
    assert (severe.order_value, severe.currency, severe.value_at_risk) == (30, "EUR", 30 + at_risk)


def test_baskets_of_several_currencies_and_those_beside_such_orders_are_mixed() -> None:
    baskets = [checkout(at, {"amount": 9, "currency": currency}) for at, currency in ((DAY, "EUR"), (2 * DAY, "BRL"))]
    alone = journey(*baskets)
    assert (alone.order_value, alone.currency, alone.value_at_risk) == (0, "mixed", 18)
    beside = journey(order(0, 1), order(1, 1, "o2", "BRL"), *baskets)
    assert (beside.order_value, beside.currency, beside.value_at_risk) == (2, "mixed", 18)


def test_at_risk_has_every_currency_by_itself() -> None:
    baskets = [checkout(DAY + at, {"amount": 50, "currency": currency}) for at, currency in ((0, "KRW"), (DAY, "EUR"))]
    unsaid = checkout(5 * DAY, {"amount": 8})
    assert journey(order(0, 30), *baskets, unsaid).at_risk == (("EUR", 58), ("KRW", 50))
    severe = event("web.payment_failed", -MINUTE)
    assert journey(order(0, 30), *baskets, unsaid, severe).at_risk == (("EUR", 88), ("KRW", 50))
    mixed = order(0, 1), order(1, 2, "o2", "BRL"), severe
    assert journey(*mixed, unsaid).at_risk == (("", 8), ("BRL", 2), ("EUR", 1))
    assert journey(order(0, 30)).at_risk == ()


def test_a_basket_without_amount_has_no_currency_to_mix() -> None:
    whole = journey(checkout(0, {"amount": 30, "currency": "EUR"}), checkout(DAY, {"currency": "BRL"}))
    assert (whole.currency, whole.value_at_risk) == ("EUR", 30)


def test_a_checkout_that_led_to_an_order_after_all_is_not_at_risk() -> None:
    assert journey(checkout(0, {"amount": 30}), order(2 * HOUR, 30)).value_at_risk == 0


@pytest.mark.parametrize(("again", "at_risk"), [(HOUR, 45), (HOUR + 1, 75)])
def test_a_checkout_started_again_is_the_same_basket(again: int, at_risk: float) -> None:
    assert journey(checkout(0, {"amount": 30}), checkout(again, {"amount": 45})).value_at_risk == at_risk


def test_a_checkout_without_amount_is_worth_the_last_cart() -> None:
    carts = [event("web.cart_updated", at, amount=amount, currency="EUR") for at, amount in ((0, 5), (1, 8), (3, 13))]
    abandoned = journey(*carts, checkout(2))
    assert (abandoned.value_at_risk, abandoned.currency) == (8, "EUR")
    assert journey(checkout(2)).value_at_risk == 0
    at_once = [event("web.cart_updated", 2, amount=7, currency="EUR", key=key) for key in ("a", "z")]
    assert [journey(cart, checkout(2)).value_at_risk for cart in at_once] == [7, 7]


def test_orders_of_a_journey_with_a_severe_friction_are_at_risk() -> None:
    assert journey(order(0, 30), event("web.error_occurred", 1, message="x")).value_at_risk == 0
    severe = journey(order(0, 30), event("web.payment_failed", -MINUTE))
    assert (severe.value_at_risk, severe.friction_score) == (30, 3)
