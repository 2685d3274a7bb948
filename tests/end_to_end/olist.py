"""What Olist's CSV files say about persons, journeys, money and delays, computed without the pipeline.

All events of an order lie between its first and its last. So a person's journeys are the unions of the time spans of
their orders, joined where the pause between two spans is no longer than the gap.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tests.data.exports import rows

GAP = timedelta(days=14)
DAY = timedelta(days=1)
POOR = 2
"""Most stars, of five, that a poor review has."""
SUMMER = (("2016-10-16 01", "2017-02-19 00"), ("2017-10-15 01", "2018-02-18 00"), ("2018-11-04 01", "2019-02-17 00"))
"""Local hours between which São Paulo was two hours behind UTC, not three."""
COLUMNS = {
    "web.order_placed": "order_purchase_timestamp",
    "web.order_approved": "order_approved_at",
    "delivery.handed_over": "order_delivered_carrier_date",
    "delivery.delivered": "order_delivered_customer_date",
}


class Journey(NamedTuple):
    """The compared fields of a journey."""

    customer: str
    started_at: datetime
    ended_at: datetime
    events: int
    order_value: Decimal


class PoorReview(NamedTuple):
    """A review with few stars; several orders may share a `review_id`."""

    order_id: str
    review_id: str
    answered_at: datetime


class Order:
    """One order with the times of its events, UTC."""

    def __init__(self, row: dict[str, str], amount: Decimal) -> None:
        self.amount = amount
        self.promised = datetime.fromisoformat(row["order_estimated_delivery_date"]).replace(tzinfo=UTC)
        self.times = {type_: [utc(row[column])] for type_, column in COLUMNS.items() if row[column]}
        if row["order_status"] == "canceled":
            self.times["web.order_cancelled"] = [self.last]

    @property
    def first(self) -> datetime:
        return min(time for times in self.times.values() for time in times)

    @property
    def last(self) -> datetime:
        return max(time for times in self.times.values() for time in times)

    @property
    def count(self) -> int:
        return sum(len(times) for times in self.times.values())

    def severity(self, now: datetime) -> int:
        """The severity of its delay: 0 if it came in time, or was shipped before it was placed and so promised."""
        placed = self.times["web.order_placed"][0]
        ends = [*self.times.get("delivery.delivered", ()), *self.times.get("web.order_cancelled", ())]
        end = min(ends, default=now)
        shipped = self.times.get("delivery.handed_over", [end])[0]
        late_by = end - (self.promised + DAY - timedelta(milliseconds=1))
        if shipped < placed or late_by <= timedelta(0):
            return 0
        return 1 + (late_by > DAY) + (late_by > 3 * DAY)


class Olist:
    """The whole data set."""

    def __init__(self, directory: Path) -> None:
        amounts = _amounts(directory)
        self.orders = {
            row["order_id"]: Order(row, amounts[row["order_id"]])
            for row in rows(directory / "olist_orders_dataset.csv.gz")
        }
        self.poor_reviews: list[PoorReview] = []
        for row in rows(directory / "olist_order_reviews_dataset.csv.gz"):
            answered = utc(row["review_answer_timestamp"])
            self.orders[row["order_id"]].times.setdefault("feedback.review_posted", []).append(answered)
            if int(row["review_score"]) <= POOR:
                self.poor_reviews.append(PoorReview(row["order_id"], row["review_id"], answered))
        self._orders_of = self._persons(directory)

    @property
    def customers(self) -> set[str]:
        return set(self._orders_of)

    @property
    def events(self) -> Counter[str]:
        """How many events of each type there are."""
        found: Counter[str] = Counter()
        for order in self.orders.values():
            found.update({type_: len(times) for type_, times in order.times.items()})
        return found

    def journeys(self) -> set[Journey]:
        """Every journey of every person."""
        return {
            _journey(customer, together) for customer, orders in self._orders_of.items() for together in _joined(orders)
        }

    def delays(self, now: datetime) -> dict[str, int]:
        """The severity of each late order."""
        return {number: severity for number, order in self.orders.items() if (severity := order.severity(now))}

    def _persons(self, directory: Path) -> dict[str, list[Order]]:
        person_of = {
            row["customer_id"]: row["customer_unique_id"] for row in rows(directory / "olist_customers_dataset.csv.gz")
        }
        found: dict[str, list[Order]] = defaultdict(list)
        for row in rows(directory / "olist_orders_dataset.csv.gz"):
            found[f"customer_id:{person_of[row['customer_id']]}"].append(self.orders[row["order_id"]])
        return found


def utc(local: str) -> datetime:
    """São Paulo's local time in UTC."""
    behind = 2 if any(start <= local[:13] < end for start, end in SUMMER) else 3
    return datetime.fromisoformat(local).replace(tzinfo=UTC) + timedelta(hours=behind)


def _amounts(directory: Path) -> dict[str, Decimal]:
    """What each order cost: its payments, or, for the one order without payments, its items and freight."""
    paid: dict[str, Decimal] = defaultdict(Decimal)
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(directory / "olist_order_payments_dataset.csv.gz"):
        paid[row["order_id"]] += Decimal(row["payment_value"])
    for row in rows(directory / "olist_order_items_dataset.csv.gz"):
        cost[row["order_id"]] += Decimal(row["price"]) + Decimal(row["freight_value"])
    return {**cost, **paid}


def _joined(orders: Iterable[Order]) -> list[list[Order]]:
    """One person's orders, sorted into journeys."""
    journeys: list[list[Order]] = []
    reach = datetime.min.replace(tzinfo=UTC)
    for order in sorted(orders, key=lambda order: order.first):
        if order.first - GAP > reach or not journeys:
            journeys.append([])
        journeys[-1].append(order)
        reach = max(reach, order.last)
    return journeys


def _journey(customer: str, orders: list[Order]) -> Journey:
    return Journey(
        customer,
        min(order.first for order in orders),
        max(order.last for order in orders),
        sum(order.count for order in orders),
        sum((order.amount for order in orders), Decimal()),
    )
