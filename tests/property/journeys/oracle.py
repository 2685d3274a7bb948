"""Journeys and some frictions computed the slow, obvious way from their definitions, without the fold.

Everything is recomputed by scanning all events repeatedly; only the event and the stages are shared with the pipeline.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from pipeline.catalogue.touchpoint import STAGES
from pipeline.events.event import Event
from tests.unit.journeys.samples import touchpoint

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
TRANSACTIONS = ("order_id", "ticket_id", "receipt_id", "parcel_id")
KINDS = {
    "page_error",
    "error_click",
    "rage_click",
    "late_delivery",
    "bounced",
    "repeat_contact",
    "digital_to_support",
    "stockout_to_web",
    "unresolved_to_review",
    "checkout_abandoned",
    "slow_resolution",
}


class Problem(NamedTuple):
    """A friction of the oracle: the fields that are compared."""

    kind: str
    severity: int
    time: int
    step: str
    causes: int


class Trip(NamedTuple):
    """A journey of the oracle: the fields that are compared."""

    probe: bool
    event_ids: tuple[str, ...]
    status: str
    outcome: str
    sessions: int
    furthest_stage: str
    seconds_to_buy: float | None
    order_value: float
    problems: frozenset[Problem]


def journeys(events: list[Event], now: int) -> list[Trip]:
    """All journeys of one customer's events, customers' first, then probes'."""
    distinct = {(event.source, event.id, event.identifiers[0]): event for event in events}
    trips = []
    for probe in (False, True):
        rows = sorted(
            (event for event in distinct.values() if event.probe == probe),
            key=lambda event: (event.time, event.source, event.id),
        )
        current: list[Event] = []
        for index, event in enumerate(rows):
            if index > 0 and _breaks(rows, index):
                trips.append(_trip(current, now))
                current = []
            current.append(event)
        if current:
            trips.append(_trip(current, now))
    return trips


def _breaks(rows: list[Event], index: int) -> bool:
    if rows[index].time - rows[index - 1].time <= 14 * DAY:
        return False
    for before in rows[:index]:
        for after in rows[index:]:
            shared = set(before.identifiers) & set(after.identifiers)
            if any(identifier.split(":")[0] in TRANSACTIONS for identifier in shared):
                return False
    return True


def _trip(rows: list[Event], now: int) -> Trip:
    buys = [row.time for row in rows if touchpoint(row.type).stage == "buy"]
    return Trip(
        probe=rows[0].probe,
        event_ids=tuple(row.id for row in rows),
        status=_status(rows, now),
        outcome=_outcome(rows, now),
        sessions=1 + sum(b.time - a.time > 30 * MINUTE for a, b in pairwise(rows)),
        furthest_stage=STAGES[max(STAGES.index(touchpoint(row.type).stage) for row in rows)],
        seconds_to_buy=(buys[0] - rows[0].time) / 1000 if buys else None,
        order_value=_order_value(rows),
        problems=frozenset(_problems(rows, max(now, rows[-1].time))),
    )


def data(event: Event) -> dict[str, object]:
    """The event's data."""
    decoded: dict[str, object] = json.loads(event.data)
    return decoded


def _name(event: Event, namespace: str) -> str | None:
    return next((one for one in event.identifiers if one.startswith(namespace + ":")), None)


def _of(rows: list[Event], *types: str) -> list[Event]:
    return [row for row in rows if row.type in types]


def _turns(rows: list[Event], ticket: str) -> list[Event]:
    """The openings, reopenings and resolutions of a ticket; those of one moment in the order that makes sense."""
    own = [row for row in rows if _name(row, "ticket_id") == ticket]
    turns: list[Event] = []
    for time in sorted({row.time for row in own}):
        moment = [row for row in own if row.time == time]
        opened, reopened = _of(moment, "support.ticket_opened"), _of(moment, "support.ticket_reopened")
        ended = [*_of(moment, "support.ticket_resolved"), *_of(moment, "support.ticket_closed")]
        is_open = bool(opened) or (bool(turns) and turns[-1].type.endswith("opened"))
        first = ended[:1] if is_open else []
        turns += [*opened, *first, *reopened, *ended[len(first) :]]
    return turns


def _resolutions(rows: list[Event], ticket: str) -> list[Event]:
    """The resolutions of a ticket that was not resolved already."""
    turns = _turns(rows, ticket)
    return [
        turn
        for place, turn in enumerate(turns)
        if not turn.type.endswith("opened") and (place == 0 or turns[place - 1].type.endswith("opened"))
    ]


def _unresolved(rows: list[Event], ticket: str) -> Event | None:
    turns = _turns(rows, ticket)
    return turns[-1] if turns and turns[-1].type.endswith("opened") else None


def _tickets(rows: list[Event]) -> list[str]:
    return sorted({name for row in rows if (name := _name(row, "ticket_id")) and row.type.startswith("support.")})


def _orders_of(rows: list[Event], event: Event) -> set[str]:
    order, parcel = _name(event, "order_id"), _name(event, "parcel_id")
    named = {order} if order else set()
    if parcel:
        named |= {name for row in rows if _name(row, "parcel_id") == parcel and (name := _name(row, "order_id"))}
    return named


def _status(rows: list[Event], now: int) -> str:
    if now - rows[-1].time <= 14 * DAY:
        return "open"
    ended: set[str] = set()
    endings = ("delivery.delivered", "delivery.return_collected", "web.order_cancelled", "store.item_returned")
    for row in _of(rows, *endings):
        ended |= _orders_of(rows, row)
    placed: dict[str, int] = {}
    for row in _of(rows, "web.order_placed"):
        placed.setdefault(_name(row, "order_id") or row.id, row.time)
    waits = [time for order, time in placed.items() if order not in ended]
    waits += [since.time for ticket in _tickets(rows) if (since := _unresolved(rows, ticket))]
    return "open" if any(now - time <= 60 * DAY for time in waits) else "closed"


def _outcome(rows: list[Event], now: int) -> str:
    clock = max(now, rows[-1].time)
    outcome = "browsing"
    if _abandoned(rows, clock):
        outcome = "abandoned"
    conversions = [index for index, row in enumerate(rows) if row.type in ("web.order_placed", "store.purchased")]
    if conversions:
        outcome = "converted"
    if _of(rows, "store.item_returned", "delivery.return_collected"):
        outcome = "returned"
    if any(_unresolved(rows, ticket) for ticket in _tickets(rows)):
        outcome = "unresolved"
    if conversions:
        for row in rows:
            if row.time < rows[conversions[0]].time:
                continue
            said = data(row)
            if row.type == "feedback.review_posted" and said["rating"] in (4, 5):
                outcome = "advocated"
            if row.type == "feedback.survey_answered" and said["kind"] == "nps" and said["score"] in (9, 10):
                outcome = "advocated"
    return outcome


def _abandoned(rows: list[Event], clock: int) -> list[Event]:
    return [
        row
        for row in _of(rows, "web.checkout_started")
        if clock > row.time + HOUR
        and not any(row.time <= order.time <= row.time + HOUR for order in _of(rows, "web.order_placed"))
    ]


def _order_value(rows: list[Event]) -> float:
    amounts: dict[str, float] = {}
    for kind, namespace in (("web.order_placed", "order_id"), ("store.purchased", "receipt_id")):
        for row in _of(rows, kind):
            amount = data(row)["amount"]
            assert isinstance(amount, int | float)
            amounts.setdefault(_name(row, namespace) or row.id, amount)
    return sum(amounts.values())


def _problems(rows: list[Event], clock: int) -> set[Problem]:
    single = _errors(rows) | _rage_clicks(rows) | _late(rows, clock) | _tickets_gone_wrong(rows, clock)
    single |= {Problem("checkout_abandoned", 2, row.time + HOUR, row.id, 0) for row in _abandoned(rows, clock)}
    return single | _digital_to_support(rows, single) | _stockouts_to_web(rows) | _unresolved_to_reviews(rows)


def _errors(rows: list[Event]) -> set[Problem]:
    problems = set()
    for error in _of(rows, "web.error_occurred"):
        clicked = any(0 <= error.time - click.time <= SECOND for click in _of(rows, "web.clicked"))
        kind, severity = ("error_click", 2) if clicked else ("page_error", 1)
        problems.add(Problem(kind, severity, error.time, error.id, 0))
    return problems


def _rage_clicks(rows: list[Event]) -> set[Problem]:
    problems = set()
    for target in {data(click)["target"] for click in _of(rows, "web.clicked")}:
        clicks = [click for click in _of(rows, "web.clicked") if data(click)["target"] == target]
        triples = [
            {index, index + 1, index + 2}
            for index in range(len(clicks) - 2)
            if clicks[index + 2].time - clicks[index].time <= SECOND
        ]
        groups: list[set[int]] = []
        for triple in triples:
            if groups and groups[-1] & triple:
                groups[-1] |= triple
            else:
                groups.append(triple)
        for group in groups:
            third = clicks[sorted(group)[2]]
            problems.add(Problem("rage_click", 2, third.time, third.id, 0))
    return problems


def _tickets_gone_wrong(rows: list[Event], clock: int) -> set[Problem]:
    problems = set()
    resolutions = [row for ticket in _tickets(rows) for row in _resolutions(rows, ticket)]
    for ticket in _tickets(rows):
        own = [row for row in rows if _name(row, "ticket_id") == ticket]
        transfers = _of(own, "support.ticket_transferred")
        if len(transfers) >= 2:
            problems.add(Problem("bounced", 2, transfers[1].time, transfers[1].id, 0))
        if not _of(own, "support.ticket_opened"):
            continue
        opened = _of(own, "support.ticket_opened")[0]
        deadline = opened.time + 72 * HOUR
        in_time = any(row in own and opened.time <= row.time <= deadline for row in resolutions)
        later = any(row in own and row.time > deadline for row in resolutions)
        if not in_time and (later or clock > deadline):
            problems.add(Problem("slow_resolution", 2, deadline, opened.id, 0))
        if any(
            row not in own and _before(row, rows, opened) and opened.time - row.time <= 7 * DAY for row in resolutions
        ):
            problems.add(Problem("repeat_contact", 2, opened.time, opened.id, 0))
    return problems


def _before(resolution: Event, rows: list[Event], opened: Event) -> bool:
    """Whether a resolution is before another ticket's opening; in one moment, only if its own was opened earlier."""
    its = [
        row for row in _of(rows, "support.ticket_opened") if _name(row, "ticket_id") == _name(resolution, "ticket_id")
    ]
    at_once = any(row.time == resolution.time for row in its[:1])
    return resolution.time < opened.time or (resolution.time == opened.time and not at_once)


def _digital_to_support(rows: list[Event], others: set[Problem]) -> set[Problem]:
    web = [one for one in others if one.kind in ("error_click", "rage_click", "checkout_abandoned")]
    for row in rows:
        if row.type == "web.payment_failed":
            web.append(Problem("payment_failed", 3, row.time, row.id, 0))
        status = data(row).get("status", 200) if row.type == "web.page_viewed" else 200
        assert isinstance(status, int)
        if status >= 400:
            web.append(Problem("page_status", 3, row.time, row.id, 0))
    problems = set()
    opened: set[str] = set()
    for row in _of(rows, "support.ticket_opened"):
        ticket = _name(row, "ticket_id") or row.id
        causes = sum(0 <= row.time - one.time <= HOUR for one in web)
        if ticket not in opened and causes:
            problems.add(Problem("digital_to_support", 3, row.time, row.id, causes))
        opened.add(ticket)
    return problems


def _stockouts_to_web(rows: list[Event]) -> set[Problem]:
    problems = set()
    for missed in _of(rows, "store.item_unavailable"):
        bought = [
            order
            for order in _of(rows, "web.order_placed")
            if str(data(missed)["product_id"]) in str(data(order)["items"]) and 0 <= order.time - missed.time <= DAY
        ]
        problems |= {Problem("stockout_to_web", 1, order.time, order.id, 1) for order in bought[:1]}
    return problems


def _unresolved_to_reviews(rows: list[Event]) -> set[Problem]:
    problems = set()
    for review in _of(rows, "feedback.review_posted"):
        before = [row for row in rows if row.time <= review.time]
        opened = [since for ticket in _tickets(rows) if (since := _unresolved(before, ticket))]
        causes = sum(review.time - since.time <= 14 * DAY for since in opened)
        if data(review)["rating"] == 1 and causes:
            problems.add(Problem("unresolved_to_review", 3, review.time, review.id, causes))
    return problems


def _late(rows: list[Event], clock: int) -> set[Problem]:
    """Compare every parcel, and every order without parcels, with its promise."""
    moves = [row for row in rows if _concerns_delivery(row)]
    parcels = {name for row in moves if (name := _name(row, "parcel_id"))}
    outbound = {
        parcel
        for parcel in parcels
        if _first(row for row in moves if _name(row, "parcel_id") == parcel).type != "delivery.return_collected"
    }
    collections = [
        (row, _orders_of(rows, row))
        for row in _of(rows, "delivery.return_collected")
        if (name := _name(row, "parcel_id")) and name not in outbound
    ]
    packed: set[str] = set()
    problems: set[Problem] = set()
    for parcel in outbound:
        own = [row for row in rows if _name(row, "parcel_id") == parcel]
        orders = {name for row in own if (name := _name(row, "order_id"))}
        packed |= orders
        about = [row for row in rows if row in own or _of_order(row, orders, collections)]
        problems |= _late_shipment(about, clock)
    for order in {name for row in rows if (name := _name(row, "order_id"))} - packed:
        problems |= _late_shipment([row for row in rows if _of_order(row, {order}, collections)], clock)
    return problems


def _first(rows: Iterable[Event]) -> Event:
    """The earliest; in one moment, a collection for return comes after all else that happens to a parcel."""
    return min(rows, key=lambda row: (row.time, row.type == "delivery.return_collected"))


def _of_order(row: Event, orders: set[str], collections: list[tuple[Event, set[str]]]) -> bool:
    if any(row is collected and orders & returned for collected, returned in collections):
        return True
    return _concerns_delivery(row) and _name(row, "order_id") in orders and _name(row, "parcel_id") is None


def _concerns_delivery(row: Event) -> bool:
    return row.type.startswith(("web.order_", "delivery."))


def _late_shipment(rows: list[Event], clock: int) -> set[Problem]:
    ends = _of(rows, "delivery.delivered", "delivery.return_collected", "web.order_cancelled")
    shipped = (_of(rows, "delivery.parcel_shipped") or _of(rows, "delivery.handed_over"))[:1]
    limit = (shipped or ends)[:1]
    promising = ("web.order_placed", "web.order_approved", "delivery.handed_over", "delivery.parcel_shipped")
    promises = [
        row
        for row in _of(rows, *promising, "delivery.promise_changed")
        if "promised_at" in data(row) and all(row.time <= step.time for step in limit)
    ]
    if not promises:
        return set()
    promises.sort(key=lambda row: (row.time, [*promising, "delivery.promise_changed"].index(row.type)))
    promised = _last_moment(str(data(promises[-1])["promised_at"]))
    late = (ends[0].time if ends else clock) - promised
    if late <= 0:
        return set()
    happened = (_of(rows, "delivery.delivered") or shipped or promises[-1:])[0]
    severity = 1 if late <= DAY else 2 if late <= 3 * DAY else 3
    return {Problem("late_delivery", severity, promised, happened.id, 0)}


def _last_moment(text: str) -> int:
    if "T" in text:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    midnight = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    return int(midnight.timestamp() * 1000) - 1
