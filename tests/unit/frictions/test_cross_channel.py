"""Between channels: what the scenarios leave out."""

import pytest

from pipeline.frictions.policy import CrossChannelPolicy, FrictionPolicy
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import DAY, HOUR, event, found


def test_a_contact_names_its_latest_causes_only() -> None:
    failed = [event("web.payment_failed", at) for at in range(3)]
    call = event("support.ticket_opened", 3, identifiers={"ticket_id": "t1"})
    rules = Rules.of(frictions=FrictionPolicy(cross_channel=CrossChannelPolicy(cause_limit=2)))
    (effect,) = found("digital_to_support", [*failed, call], rules=rules)
    assert list(effect.cause) == [one.friction_id for one in found("payment_failed", failed)[1:]]


def test_a_broken_promise_is_not_one_of_the_webs_frictions_although_the_order_was_placed_there() -> None:
    order = event("web.order_placed", 0, promised_at="2026-03-01T10:00:00Z", identifiers={"order_id": "o1"})
    call = event("support.ticket_opened", 10 * HOUR + HOUR // 2, identifiers={"ticket_id": "t1"})
    assert found("late_delivery", [order, call], now=5 * DAY)
    assert found("where_is_my_order", [order, call], now=5 * DAY)
    assert not found("digital_to_support", [order, call], now=5 * DAY)


@pytest.mark.parametrize("items", [[{"product_id": "p2"}], [], "p1", ["p1"]])
def test_another_item_recovers_nothing(items: object) -> None:
    stockout = event("store.item_unavailable", 0, product_id="p1")
    order = event("web.order_placed", 1, amount=9, currency="EUR", items=items, identifiers={"order_id": "o1"})
    assert not found("stockout_to_web", [stockout, order])


def test_a_review_before_the_ticket_is_not_its_effect() -> None:
    opened = event("support.ticket_opened", 1, identifiers={"ticket_id": "t1"})
    assert not found("unresolved_to_review", [event("feedback.review_posted", 0, rating=1), opened], now=DAY)


@pytest.mark.parametrize("key", ["a", "z"])
def test_a_review_in_the_moment_of_a_ticket_is_its_effect_and_in_that_of_its_resolution_it_is_not(key: str) -> None:
    opened, resolved = (
        event(f"support.ticket_{name}", at, identifiers={"ticket_id": "t1"}, key=f"m{at}")
        for name, at in (("opened", 0), ("resolved", 1))
    )
    assert found("unresolved_to_review", [opened, event("feedback.review_posted", 0, rating=1, key=key), resolved])
    assert not found("unresolved_to_review", [opened, event("feedback.review_posted", 1, rating=1, key=key), resolved])


def test_changes_in_the_stage_that_was_reached_before_them_are_no_progress() -> None:
    channels = ("web", "app", "web", "app", "web")
    trail = [event("web.page_viewed", at * HOUR, channel=channel) for at, channel in enumerate(channels)]
    viewed = event("web.product_viewed", 0, channel="web")
    assert found("channel_pingpong", [viewed, *trail[1:]])
    assert not found("channel_pingpong", [*trail[:2], event("web.product_viewed", 2 * HOUR, channel="web"), *trail[3:]])
