"""Olist in full through the whole pipeline, against what its CSV files say when they are read in another way."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.end_to_end.olist import Journey, Olist
from tests.end_to_end.views import Views

pytestmark = [pytest.mark.stack, pytest.mark.data, pytest.mark.slow, pytest.mark.timeout(900)]

Row = dict[str, Any]


@pytest.fixture(scope="module")
def olist(olist_directory: Path) -> Olist:
    return Olist(olist_directory)


@pytest.fixture(scope="module")
def found(olist_views: Views) -> dict[str, list[Row]]:
    return {name: [orjson.loads(line) for line in lines] for name, lines in olist_views.items()}


def test_every_event_is_a_touchpoint_once(olist: Olist, found: dict[str, list[Row]]) -> None:
    assert Counter(row["type"] for row in found["touchpoints"]) == olist.events
    assert len({row["event_id"] for row in found["touchpoints"]}) == olist.events.total() == 103_374


def test_customers_are_the_persons(olist: Olist, found: dict[str, list[Row]]) -> None:
    assert {row["customer"] for row in found["touchpoints"]} == olist.customers
    assert len(olist.customers) == 20_702


def test_journeys(olist: Olist, found: dict[str, list[Row]]) -> None:
    expected = olist.journeys()
    assert len(expected) > len(olist.customers)
    assert len(found["journeys"]) == len(expected)
    assert {journey(row) for row in found["journeys"]} == expected


def test_order_value(olist: Olist, found: dict[str, list[Row]]) -> None:
    total = sum((cents(row["order_value"]) for row in found["journeys"]), Decimal())
    assert total == sum(order.amount for order in olist.orders.values()) > 3_000_000


def test_late_deliveries(olist: Olist, found: dict[str, list[Row]]) -> None:
    late = [row for row in found["frictions"] if row["kind"] == "late_delivery"]
    severity_of = {row["evidence"][0].removesuffix("/placed"): row["severity"] for row in late}
    expected = olist.delays(datetime.now(UTC))
    assert len(severity_of) == len(late)
    assert severity_of == expected
    assert set(Counter(expected.values())) == {1, 2, 3}


def test_poor_reviews(olist: Olist, found: dict[str, list[Row]]) -> None:
    poor = [row for row in found["frictions"] if row["kind"] == "poor_rating"]
    expected = Counter((f"{one.order_id}/review/{one.review_id}", one.answered_at) for one in olist.poor_reviews)
    assert Counter((row["evidence"][0], moment(row["time"])) for row in poor) == expected
    assert {(row["severity"], len(row["evidence"])) for row in poor} == {(2, 1)}
    assert 1_000 < len(poor) < olist.events["feedback.review_posted"]


def journey(row: Row) -> Journey:
    started, ended = moment(row["started_at"]), moment(row["ended_at"])
    return Journey(row["customer"], started, ended, row["events"], cents(row["order_value"]))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cents(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))
