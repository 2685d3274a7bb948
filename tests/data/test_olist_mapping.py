"""The events of the Olist mapping against what the CSV files say when they are read in another way."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.importing.row import Json
from tests.data.exports import body, directory, identifiers, mapped, rows
from tests.offline import accept, stitch

pytestmark = pytest.mark.data

SUMMER = (("2016-10-16 01", "2017-02-19 00"), ("2017-10-15 01", "2018-02-18 00"), ("2018-11-04 01", "2019-02-17 00"))
"""Local hours between which São Paulo was two hours behind UTC, not three."""
NOW = 1_772_323_200_000
Events = list[dict[str, Json]]


@pytest.fixture(scope="module")
def olist() -> Path:
    return directory("olist")


@pytest.fixture(scope="module")
def events(olist: Path) -> Events:
    return mapped("olist", [olist])


@pytest.fixture(scope="module")
def orders(olist: Path) -> dict[str, dict[str, str]]:
    return {row["order_id"]: row for row in rows(olist / "olist_orders_dataset.csv.gz")}


def utc(local: str) -> str:
    behind = 2 if any(start <= local[:13] < end for start, end in SUMMER) else 3
    return f"{datetime.fromisoformat(local) + timedelta(hours=behind):%Y-%m-%dT%H:%M:%S}.000Z"


def of_type(events: Events, type_: str) -> dict[str, dict[str, Json]]:
    found = {str(identifiers(event)["order_id"]): event for event in events if event["type"] == type_}
    assert len(found) == sum(event["type"] == type_ for event in events)
    return found


def test_counts(events: Events, orders: dict[str, dict[str, str]], olist: Path) -> None:
    reviews = sum(1 for _ in rows(olist / "olist_order_reviews_dataset.csv.gz"))
    assert Counter(str(event["type"]) for event in events) == {
        "web.order_placed": len(orders),
        "web.order_approved": sum(order["order_approved_at"] != "" for order in orders.values()),
        "delivery.handed_over": sum(order["order_delivered_carrier_date"] != "" for order in orders.values()),
        "delivery.delivered": sum(order["order_delivered_customer_date"] != "" for order in orders.values()),
        "web.order_cancelled": sum(order["order_status"] == "canceled" for order in orders.values()),
        "feedback.review_posted": reviews,
    }
    assert len(events) == 103_374
    assert len({event["id"] for event in events}) == len(events)


def test_times(events: Events, orders: dict[str, dict[str, str]]) -> None:
    columns = {
        "web.order_placed": "order_purchase_timestamp",
        "web.order_approved": "order_approved_at",
        "delivery.handed_over": "order_delivered_carrier_date",
        "delivery.delivered": "order_delivered_customer_date",
    }
    for type_, column in columns.items():
        for order_id, event in of_type(events, type_).items():
            assert event["time"] == utc(orders[order_id][column])


def test_orders_belong_to_the_person_and_the_rest_knows_only_the_order(
    events: Events, orders: dict[str, dict[str, str]], olist: Path
) -> None:
    persons = {row["customer_id"]: row["customer_unique_id"] for row in rows(olist / "olist_customers_dataset.csv.gz")}
    for event in events:
        found = identifiers(event)
        if event["type"] == "web.order_placed":
            assert found["customer_id"] == persons[orders[str(found["order_id"])]["customer_id"]]
        else:
            assert set(found) == {"order_id"}


def test_money(events: Events, olist: Path) -> None:
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(olist / "olist_order_payments_dataset.csv.gz"):
        paid[row["order_id"]] += Decimal(row["payment_value"])
    unpaid = {}
    for order_id, event in of_type(events, "web.order_placed").items():
        amount = Decimal(str(body(event)["amount"]))
        if order_id in paid:
            assert amount == paid[order_id]
        else:
            unpaid[order_id] = amount
        assert body(event)["currency"] == "BRL"
    cost = sum(
        Decimal(row["price"]) + Decimal(row["freight_value"])
        for row in rows(olist / "olist_order_items_dataset.csv.gz")
        if row["order_id"] in unpaid
    )
    assert len(unpaid) == 1
    assert sum(unpaid.values()) == cost > 0


def test_items_and_promises(events: Events, orders: dict[str, dict[str, str]], olist: Path) -> None:
    items: dict[str, list[dict[str, Json]]] = defaultdict(list)
    for row in rows(olist / "olist_order_items_dataset.csv.gz"):
        items[row["order_id"]].append({"product_id": row["product_id"], "quantity": 1, "price": float(row["price"])})
    for order_id, event in of_type(events, "web.order_placed").items():
        assert body(event).get("items", []) == items[order_id]
        assert body(event)["promised_at"] == orders[order_id]["order_estimated_delivery_date"][:10]


def test_cancellations_are_dated_by_the_last_thing_that_is_known(
    events: Events, orders: dict[str, dict[str, str]]
) -> None:
    for order_id, event in of_type(events, "web.order_cancelled").items():
        order = orders[order_id]
        known = [value for name, value in order.items() if name.endswith(("timestamp", "approved_at", "carrier_date"))]
        assert event["time"] == utc(max(known))
        assert body(event)["time_is_estimated"] is True


def test_reviews(events: Events, olist: Path) -> None:
    expected = Counter(
        (row["order_id"], int(row["review_score"]), utc(row["review_answer_timestamp"]))
        for row in rows(olist / "olist_order_reviews_dataset.csv.gz")
    )
    found = Counter(
        (identifiers(event)["order_id"], body(event)["rating"], event["time"])
        for event in events
        if event["type"] == "feedback.review_posted"
    )
    assert found == expected


def test_every_event_finds_its_person(events: Events) -> None:
    person_of = {
        order: identifiers(event)["customer_id"] for order, event in of_type(events, "web.order_placed").items()
    }
    some = set(list(person_of)[::7])
    chosen = [event for event in events if identifiers(event)["order_id"] in some]
    for customer, found in stitch(accept(chosen, NOW)).items():
        orders = {identifier.partition(":")[2] for event in found for identifier in event.identifiers[-1:]}
        assert {f"customer_id:{person_of[order]}" for order in orders} == {customer}
