"""What SQL panels say of a few events whose figures are plain."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from grafana.preview.resolving import sql as resolve
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.topics import raw_topic_of
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.identity.policy import IdentityPolicy
from tests.integration.observability.retailer import stitch
from tests.servers.clickhouse import ClickHouseProcess
from tests.unit.observability.dashboards import queries

pytestmark = pytest.mark.server

DATABASE = "figures"
NOW = int(time.time())
HOUR = 3600
DAY = (NOW - 24 * HOUR, NOW)
CATALOGUE = Catalogue.load(schema_directories())

Given = tuple[str, float, str, dict[str, Any]]
"""Type, hours ago, customer, and the rest of the data."""


def at(hours_ago: float) -> str:
    return datetime.fromtimestamp(NOW - hours_ago * HOUR, UTC).isoformat()


TWO_PARCELS: list[Given] = [
    ("web.order_placed", 30, "a", {"identifiers": {"order_id": "o1"}, "amount": 30, "currency": "EUR"}),
    *[
        (
            "delivery.parcel_shipped",
            20,
            "a",
            {
                "identifiers": {"order_id": "o1", "parcel_id": parcel},
                "carrier": carrier,
                "promised_at": at(promised),
            },
        )
        for parcel, carrier, promised in (("p1", "slow", 10), ("p2", "swift", 1))
    ],
    ("delivery.attempt_failed", 7, "a", {"identifiers": {"parcel_id": "p2"}, "reason": "nobody at home"}),
    ("delivery.delivered", 6, "a", {"identifiers": {"order_id": "o1", "parcel_id": "p2"}}),
    ("delivery.delivered", 5, "a", {"identifiers": {"order_id": "o1", "parcel_id": "p1"}}),
]
WITHOUT_PARCELS: list[Given] = [
    ("delivery.parcel_shipped", 20, "b", {"identifiers": {"order_id": "o5"}, "carrier": "by order"}),
    ("delivery.attempt_failed", 7, "b", {"identifiers": {"order_id": "o5"}}),
    ("delivery.damaged", 6, "b", {"identifiers": {"order_id": "o5"}}),
]
CHECKOUT: dict[str, Any] = {"amount": 25, "currency": "EUR"}
BUYING: list[Given] = [
    ("web.checkout_started", 24.5, "c", CHECKOUT),
    ("web.page_viewed", 3.4, "d", {"url": "/", "status": 200}),
    ("web.product_viewed", 3.3, "d", {"product_id": "sku-9"}),
    ("web.cart_updated", 3.2, "d", {"items": [{"product_id": "sku-9", "quantity": 1, "price": 25}], **CHECKOUT}),
    ("web.checkout_started", 3, "d", CHECKOUT),
    ("web.order_placed", 2.9, "d", {"identifiers": {"order_id": "o2"}, **CHECKOUT}),
    ("web.checkout_started", 2.5, "e", {"channel": "app", **CHECKOUT}),
    ("web.order_placed", 2, "f", {"identifiers": {"order_id": "o3"}, **CHECKOUT}),
    ("web.checkout_started", 2.5, "g", {"probe": True, **CHECKOUT}),
    ("web.order_placed", 9, "h", {"identifiers": {"order_id": "o4"}, **CHECKOUT}),
    ("delivery.return_collected", 1, "h", {"identifiers": {"order_id": "o4"}}),
]
TICKETS: list[Given] = [
    ("support.ticket_opened", 8, "i", {"identifiers": {"ticket_id": "t1"}, "channel": "chat", "topic": "refund"}),
    ("support.ticket_resolved", 7, "i", {"identifiers": {"ticket_id": "t1"}}),
    ("support.ticket_reopened", 6, "i", {"identifiers": {"ticket_id": "t1"}}),
    ("support.ticket_opened", 5, "i", {"identifiers": {"ticket_id": "t2"}, "channel": "chat", "topic": "invoice"}),
    ("support.ticket_closed", 4, "i", {"identifiers": {"ticket_id": "t2"}}),
    ("support.contact_abandoned", 3, "i", {"channel": "chat"}),
    ("support.contact_abandoned", 3, "k", {"channel": "phone", "probe": True}),
]
AT_ONCE: list[Given] = [
    (f"support.ticket_{step}", hours_ago, "j", {"identifiers": {"ticket_id": topic}, "topic": topic})
    for topic, moments in {
        "resolved, then reopened": ["opened", "resolved reopened"],
        "reopened, then resolved": ["opened", "resolved", "resolved reopened"],
        "opened, resolved, reopened": ["opened resolved reopened"],
        "resolved, reopened, closed": ["opened", "resolved reopened closed"],
        "reopened, and unresolved": ["opened", "reopened"],
        "resolved, then closed": ["opened", "resolved", "closed"],
        "opened, resolved, closed": ["opened resolved closed"],
    }.items()
    for hours_ago, steps in zip((9, 8, 5), moments, strict=False)
    for step in steps.split()
]
"""Tickets some of whose steps have one time, by topic."""
PAGES: list[Given] = [
    *[("web.page_viewed", 3, f"seen-{number}", {"url": "/busy", "status": 200}) for number in range(3)],
    ("web.page_viewed", 3, "seen-0", {"url": "/busy", "status": 404}),
    *[("web.page_viewed", 3, f"hit-{number}", {"url": "/broken", "status": 500}) for number in range(2)],
    ("web.page_viewed", 3, "shopper", {"url": "/broken", "status": 500, "probe": True}),
]


@pytest.fixture(scope="module")
def analyst(clickhouse: ClickHouseProcess) -> Iterator[Client]:
    owner = clickhouse.client()
    migrate(owner, MigrationSettings(database=DATABASE))
    owner.close()
    client = clickhouse.client(DATABASE)
    given = TWO_PARCELS + WITHOUT_PARCELS + BUYING + TICKETS + AT_ONCE + PAGES
    asyncio.run(stitch(ClickHouseStore(client, CATALOGUE.touchpoints), accepted(given), NOW * 1000))
    client.close()
    found = connect(clickhouse.analyst_url, database=DATABASE)
    yield found
    found.close()


def accepted(given: list[Given]) -> list[Event]:
    intake = Intake(CATALOGUE, IdentityPolicy(), IntakePolicy(), b"a key for tests")
    found: list[Event] = []
    for number, (event_type, hours_ago, customer, data) in enumerate(given):
        identifiers = {"customer_id": customer, **data.get("identifiers", {})}
        event = {
            "specversion": "1.0",
            "id": str(number),
            "source": "/test",
            "type": event_type,
            "time": at(hours_ago),
            "data": {**data, "identifiers": identifiers},
        }
        topic = raw_topic_of(event_type)
        (outcome,) = intake.take(Record(topic, 0, number, NOW * 1000, orjson.dumps(event)), NOW * 1000)
        assert isinstance(outcome, Event), outcome
        found.append(outcome)
    return found


def shown(
    client: Client, panel: str, since: int = DAY[0], until: int = DAY[1], **chosen: list[str]
) -> list[dict[str, Any]]:
    """The rows of a panel."""
    (query,) = [one for one in queries("clickhouse") if one.name == panel]
    return list(client.query(resolve(query.text, since, until, chosen)).named_results())


def test_a_carrier_answers_for_its_own_parcels(analyst: Client) -> None:
    rows = {row["carrier"]: row for row in shown(analyst, "Delivery: Carriers")}
    told = {carrier: (row["parcels"], row["late"], row["not_met"], row["harmed"]) for carrier, row in rows.items()}
    assert told == {"slow": (1, 1, 0, 0), "swift": (1, 0, 1, 0), "by order": (1, 0, 1, 1)}


def test_what_went_wrong_on_the_way_is_that_at_the_chosen_touchpoint(analyst: Client) -> None:
    for panel in ("Delivery: Late deliveries, by days late", "Delivery: Late, lost, damaged: the latest"):
        assert shown(analyst, panel, touchpoint=["doorstep"])
        assert not shown(analyst, panel, touchpoint=["tracking"])


def test_friction_counts_where_nothing_else_happened_in_the_time_shown(analyst: Client) -> None:
    (row,) = shown(analyst, "Experience now: Experience matrix", NOW - 24 * HOUR, NOW - 23 * HOUR)
    assert (row["touchpoint"], row["events"], row["frictions"], row["per_100_events"]) == ("checkout", 0, 1, None)


def test_orders_are_counted_by_the_checkouts_that_led_to_them(analyst: Client) -> None:
    assert shown(analyst, "Web and app: Orders per 100 checkouts") == [{"orders_per_100": 50.0}]


def test_nobody_comes_back_on_the_way_from_visit_to_order(analyst: Client) -> None:
    rows = shown(analyst, "Web and app: From visit to order")
    assert [row["customers"] for row in rows][1:] == [1, 1, 1, 1]


def test_buying_is_that_on_the_chosen_channel(analyst: Client) -> None:
    assert shown(analyst, "Web and app: Orders per 100 checkouts", channel=["app"]) == [{"orders_per_100": 0}]
    rows = shown(analyst, "Web and app: From visit to order", channel=["app"])
    assert [row["customers"] for row in rows] == [1, 0, 0, 0, 0]


def test_what_was_bought_and_returned_was_converted(analyst: Client) -> None:
    path = " → ".join(
        CATALOGUE.types[name].touchpoint.touchpoint for name in ("web.order_placed", "delivery.return_collected")
    )
    rows = {row["path"]: row for row in shown(analyst, "Journeys: Paths")}
    assert (rows[path]["journeys"], rows[path]["converted_per_100"]) == (1, 100.0)
    rows = {row["friction"]: row for row in shown(analyst, "Journeys: Friction and what becomes of the journey")}
    assert sum(row["returned_per_100"] * row["journeys"] / 100 for row in rows.values()) == pytest.approx(1, abs=0.02)


def test_journeys_without_orders_have_no_order_value(analyst: Client) -> None:
    rows = {row["friction"]: row for row in shown(analyst, "Journeys: Friction and what becomes of the journey")}
    assert (rows["much"]["converted_per_100"], rows["much"]["order_value"]) == (0, None)


def test_a_ticket_that_came_back_is_unresolved_and_one_that_was_closed_is_not(analyst: Client) -> None:
    rows = {row["topic"]: row for row in shown(analyst, "Support: Topics")}
    told = {
        topic: (rows[topic]["tickets"], rows[topic]["reopened"], rows[topic]["unresolved"])
        for topic in ("refund", "invoice")
    }
    assert told == {"refund": (1, 1, 1), "invoice": (1, 0, 0)}
    assert (rows["refund"]["resolution"], rows["invoice"]["resolution"]) == (None, 1.0)
    waiting = [row["topic"] for row in shown(analyst, "Support: Waiting longest")]
    assert "refund" in waiting
    assert "invoice" not in waiting


def test_what_happens_to_a_ticket_in_one_moment_goes_by_its_sense(analyst: Client) -> None:
    rows = shown(analyst, "Support: Topics")
    assert {row["topic"]: row["resolution"] for row in rows if row["topic"] not in ("refund", "invoice")} == {
        "resolved, then reopened": None,
        "reopened, then resolved": 4.0,
        "opened, resolved, reopened": None,
        "resolved, reopened, closed": 1.0,
        "reopened, and unresolved": None,
        "resolved, then closed": 1.0,
        "opened, resolved, closed": 0.0,
    }
    unresolved = {row["topic"] for row in rows if row["unresolved"]}
    assert unresolved == {row["topic"] for row in rows if row["resolution"] is None}
    assert unresolved == {row["topic"] for row in shown(analyst, "Support: Waiting longest")}


def test_contacts_are_those_of_customers_on_the_chosen_channel(analyst: Client) -> None:
    def contacts(**chosen: list[str]) -> tuple[int, int]:
        """Those opened and those given up; six times as many in an hour as in a point of ten minutes."""
        rows = shown(analyst, "Support: Contacts per hour", DAY[0], DAY[1], **chosen)
        return round(sum(row["opened"] for row in rows) / 6), round(sum(row["given_up"] for row in rows) / 6)

    assert contacts() == (9, 1)
    assert contacts(channel=["chat"]) == (2, 1)
    assert contacts(channel=["phone"], owner=["customer_service"]) == (7, 0)
    assert contacts(owner=["digital"]) == (0, 0)


def test_pages_are_ordered_by_the_customers_who_met_a_fault(analyst: Client) -> None:
    rows = shown(analyst, "Web and app: Pages in trouble")
    assert [(row["url"], row["customers_hit"], row["customers"]) for row in rows] == [
        ("/broken", 2, 2),
        ("/busy", 1, 3),
    ]
