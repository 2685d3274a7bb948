"""Segment's calls become events of ours."""

from collections.abc import Iterator
from itertools import count

import pytest

from pipeline.collecting.segment import Translation, calls_of, event_of
from pipeline.collecting.segment_types import DEFAULT_TYPES
from pipeline.events.envelope import JsonObject
from pipeline.events.routing import Unroutable
from pipeline.identity.policy import DEFAULT_NAMESPACES

NOW = 1_772_359_200_000
"""2026-03-01T10:00:00Z"""


@pytest.fixture
def translation() -> Translation:
    numbers: Iterator[int] = count()
    return Translation(DEFAULT_NAMESPACES.keys(), lambda: f"new-{next(numbers)}", DEFAULT_TYPES)


def translated(translation: Translation, kind: str, **call: object) -> JsonObject:
    found = event_of({"anonymousId": "a", **call}, kind, "/segment", NOW, translation)
    assert not isinstance(found, Unroutable), found
    return found


def data(translation: Translation, kind: str, **call: object) -> JsonObject:
    found = translated(translation, kind, **call)["data"]
    assert isinstance(found, dict)
    return found


def test_a_track_call_of_the_e_commerce_specification(translation: Translation) -> None:
    properties = {
        "order_id": "50314b8e",
        "total": 27.5,
        "revenue": 25.0,
        "currency": "USD",
        "products": [{"sku": "45790-32", "price": 19, "quantity": 1}, {"product_id": "5", "price": 3}],
        "coupon": "hasbros",
    }
    event = translated(
        translation,
        "track",
        userId="u",
        event="Order Completed",
        messageId="m-1",
        timestamp="2026-03-01T09:59:59.100Z",
        properties=properties,
    )
    assert event == {
        "specversion": "1.0",
        "id": "m-1",
        "source": "/segment",
        "type": "web.order_placed",
        "time": "2026-03-01T09:59:59.100Z",
        "data": {
            "amount": 27.5,
            "revenue": 25.0,
            "currency": "USD",
            "items": [
                {"product_id": "45790-32", "price": 19, "quantity": 1},
                {"product_id": "5", "price": 3},
            ],
            "coupon": "hasbros",
            "identifiers": {"anonymous_id": "a", "customer_id": "u", "order_id": "50314b8e"},
        },
    }


def test_a_page_has_the_address_of_its_properties_or_of_its_context(translation: Translation) -> None:
    page = {"url": "https://shop.example/cart", "title": "Cart", "referrer": ""}
    said = data(translation, "page", name="Cart", category="Shop", properties={**page, "section": "buy"})
    assert said == {
        "url": "https://shop.example/cart",
        "title": "Cart",
        "name": "Cart",
        "category": "Shop",
        "section": "buy",
        "identifiers": {"anonymous_id": "a"},
    }
    assert data(translation, "page", context={"page": page})["url"] == "https://shop.example/cart"
    assert data(translation, "page", properties={"path": "/cart"})["url"] == "/cart"
    assert "url" not in data(translation, "page"), "the workers say that it is missing"


def test_a_screen_is_a_page_of_the_app(translation: Translation) -> None:
    event = translated(translation, "screen", name="Home", context={"device": {"id": "d-1"}})
    assert (event["type"], event["data"]) == (
        "web.page_viewed",
        {
            "url": "screen:Home",
            "name": "Home",
            "channel": "app",
            "identifiers": {"device_id": "d-1", "anonymous_id": "a"},
        },
    )


def test_identify_links_and_keeps_no_trait_that_describes(translation: Translation) -> None:
    traits = {"email": "Anna@Shop.example", "phone": "+49 1", "name": "Anna", "address": {"city": "Ulm"}}
    event = translated(translation, "identify", userId="42", traits=traits)
    assert (event["type"], event["data"]) == (
        "web.identified",
        {"identifiers": {"email": "Anna@Shop.example", "phone": "+49 1", "anonymous_id": "a", "customer_id": "42"}},
    )


def test_alias_links_the_earlier_id(translation: Translation) -> None:
    assert data(translation, "alias", previousId="before", userId="42") == {
        "identifiers": {"anonymous_id": "before", "customer_id": "42"}
    }


def test_a_group_has_no_place_and_its_address_is_nobodys(translation: Translation) -> None:
    event = translated(translation, "group", userId="42", groupId="g", traits={"email": "info@firm.example"})
    assert (event["type"], event["data"]) == (
        "web.group_joined",
        {"group": "g", "identifiers": {"anonymous_id": "a", "customer_id": "42"}},
    )


def test_a_user_id_that_is_an_email_address_is_treated_as_one(translation: Translation) -> None:
    assert data(translation, "identify", userId="anna@shop.example")["identifiers"] == {
        "email": "anna@shop.example",
        "anonymous_id": "a",
    }


def test_properties_that_identify_are_taken_out(translation: Translation) -> None:
    properties = {"email": "anna@shop.example", "parcel_id": "JD1", "orderId": "o", "loyalty_id": None, "size": 1}
    assert data(translation, "track", event="x", properties=properties) == {
        "size": 1,
        "identifiers": {
            "email": "anna@shop.example",
            "anonymous_id": "a",
            "parcel_id": "JD1",
            "order_id": "o",
        },
    }


def test_identifiers_may_be_said_in_our_words(translation: Translation) -> None:
    properties = {"identifiers": {"ticket_id": "t", "customer_id": "7"}}
    found = data(translation, "track", userId="42", event="support.ticket_opened", properties=properties)
    assert found == {"identifiers": {"anonymous_id": "a", "customer_id": "7", "ticket_id": "t"}}


def test_calls_of_an_app_are_of_the_app(translation: Translation) -> None:
    context = {"device": {"id": "d"}}
    assert data(translation, "track", event="Application Opened", context=context)["channel"] == "app"
    assert data(translation, "track", event="Signed In", context=context, properties={"channel": "web"})["channel"] == (
        "web"
    )
    assert "channel" not in data(translation, "track", event="support.ticket_opened", context=context)


def test_a_call_with_a_time_and_no_id_has_its_content_for_one(translation: Translation) -> None:
    said = {"event": "x", "timestamp": "2026-03-01T10:00:00Z"}
    first = translated(translation, "track", **said, sentAt="2026-03-01T10:00:01Z", writeKey="k")
    again = translated(translation, "track", **said, sentAt="2026-03-01T10:00:09Z")
    other = translated(translation, "track", **{**said, "event": "y"})
    assert first["id"] == again["id"] != other["id"]


def test_a_call_with_neither_is_another_each_time(translation: Translation) -> None:
    ids = [translated(translation, "track", event="x")["id"] for _ in range(2)]
    assert ids == ["new-0", "new-1"]


@pytest.mark.parametrize(
    ("timestamp", "sent", "time"),
    [
        ("2026-03-01T09:00:00Z", None, "2026-03-01T09:00:00Z"),
        ("2026-03-01T09:00:00Z", "2026-03-01T10:00:30Z", "2026-03-01T09:00:00Z"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:05Z", "2026-03-01T09:59:55.000Z"),
        ("2020-01-01T00:00:00+01:00", "2020-01-01T00:10:00+01:00", "2026-03-01T09:50:00.000Z"),
        ("9999-12-31T23:00:00Z", "1990-01-01T00:00:00Z", "9999-12-31T23:00:00Z"),
        ("yesterday", "1990-01-01T00:00:00Z", "yesterday"),
        (5, "1990-01-01T00:00:00Z", 5),
    ],
    ids=["nothing to compare", "on the way", "ahead", "never set", "beyond the calendar", "no time", "a number"],
)
def test_a_clock_that_was_off_when_it_sent_is_put_right(
    translation: Translation, timestamp: object, sent: object, time: object
) -> None:
    assert translated(translation, "track", event="x", timestamp=timestamp, sentAt=sent)["time"] == time


def test_a_call_without_a_time_leaves_it_to_the_receiver(translation: Translation) -> None:
    assert "time" not in translated(translation, "track", event="x", sentAt="2020-01-01T00:00:00Z")
    assert translated(translation, "track", event="x", originalTimestamp="2026-01-01T00:00:00Z")["time"] == (
        "2026-01-01T00:00:00Z"
    )


@pytest.mark.parametrize("call", [3, None, [], "x", {}, {"type": "nope"}, {"type": ["track"]}, {"type": None}])
def test_what_is_no_call_is_said_to_be_none(translation: Translation, call: object) -> None:
    assert isinstance(event_of(call, "", "/segment", NOW, translation), Unroutable)


def test_a_batch_shares_its_context_and_its_sending_time() -> None:
    body = {
        "batch": [{"type": "track", "context": {"ip": "1"}}, {"type": "page", "sentAt": "own"}, 3],
        "context": {"ip": "2", "device": {"id": "d"}},
        "sentAt": "shared",
    }
    assert calls_of(body) == [
        {"type": "track", "context": {"ip": "1", "device": {"id": "d"}}, "sentAt": "shared"},
        {"type": "page", "context": {"ip": "2", "device": {"id": "d"}}, "sentAt": "own"},
        3,
    ]


@pytest.mark.parametrize("body", [{}, [], {"batch": {}}, 3])
def test_a_batch_without_calls_is_none(body: object) -> None:
    assert isinstance(calls_of(body), Unroutable)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"previousId": "old@x.de", "userId": "42"}, {"email": "old@x.de", "customer_id": "42"}),
        ({"previousId": "old@x.de", "userId": "new@x.de"}, {"email": "new@x.de"}),
        ({"previousId": "a-1", "userId": "42"}, {"anonymous_id": "a-1", "customer_id": "42"}),
    ],
)
def test_a_former_address_is_an_address(
    translation: Translation, call: dict[str, object], expected: dict[str, str]
) -> None:
    assert data(translation, "alias", **call)["identifiers"] == expected


def test_an_anonymous_id_that_is_an_address_gives_way_to_one_that_is_called_so(translation: Translation) -> None:
    given = {"anonymousId": "a@x.de", "traits": {"email": "b@x.de"}, "event": "Order Completed"}
    assert data(translation, "track", **given)["identifiers"] == {"email": "b@x.de"}
    assert data(translation, "track", anonymousId="a@x.de", event="Order Completed")["identifiers"] == {
        "email": "a@x.de"
    }
