"""Frictions between channels: an effect in one, its cause in another."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

from pipeline.frictions.checkout import ORDER
from pipeline.frictions.detector import Deadline, Finding, about_event, event_subject
from pipeline.frictions.lasting import Lasting
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import CrossChannelPolicy
from pipeline.frictions.scope import Scope
from pipeline.frictions.ticket import CONTACT_TYPES, TICKET_TYPES, Contact, contacts, unresolved_times

DELIVERY_TROUBLES: Final = ("late_delivery", "stalled_parcel")
_Trouble = tuple[int, int | None, tuple[int, Finding]]
"""The first moment after it began, the moment of its end, and its index among all troubles with its finding."""


class DigitalToSupport:
    """`digital_to_support`: a support contact within an hour after web frictions of severity 2 or 3.

    It is about the contact and happens there; its causes are the web frictions.
    """

    kinds = ("digital_to_support",)
    listens_to = CONTACT_TYPES
    cross_channel = True
    scope = Scope(frozenset(CONTACT_TYPES))

    def __init__(self, policy: CrossChannelPolicy) -> None:
        self._window = policy.digital_to_support_ms
        self._severity = policy.digital_severity
        self._causes = policy.cause_limit

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look back from each contact."""
        digital = [finding for finding in findings if finding.severity >= self._severity and _is_digital(finding)]
        times = [finding.time for finding in digital]
        for contact in steps.derive(contacts) if digital else ():
            end = bisect_right(times, contact.step.time)
            start = bisect_left(times, contact.step.time - self._window)
            causes = digital[max(start, end - self._causes) : end]
            if causes:
                yield _contact_finding("digital_to_support", contact, causes)


class WhereIsMyOrder:
    """`where_is_my_order`: a support contact between a delivery's broken promise, or stall, and its end.

    Known in the trade as WISMO. A contact that names orders or parcels is taken to be about these only.
    """

    kinds = ("where_is_my_order",)
    listens_to = CONTACT_TYPES
    cross_channel = True
    scope = Scope(frozenset(CONTACT_TYPES))

    def __init__(self, policy: CrossChannelPolicy) -> None:
        self._causes = policy.cause_limit

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look for deliveries that are in trouble at the time of each contact."""
        troubles = [finding for finding in findings if finding.kind in DELIVERY_TROUBLES]
        standing = _Troubles(troubles)
        for contact in steps.derive(contacts) if troubles else ():
            causes = standing.latest(contact, self._causes)
            if causes:
                yield _contact_finding("where_is_my_order", contact, causes)


class _Troubles:
    """Deliveries in trouble, and the orders and parcels they concern."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        concerning: dict[str, list[_Trouble]] = defaultdict(list)
        troubles = [(finding.time + 1, finding.until, (place, finding)) for place, finding in enumerate(findings)]
        for trouble in troubles:
            for transaction in trouble[2][1].concerns:
                concerning[transaction].append(trouble)
        self._all = Lasting(troubles)
        self._concerning = {transaction: Lasting(own) for transaction, own in concerning.items()}

    def latest(self, contact: Contact, most: int) -> Sequence[Finding]:
        """The latest that a contact may be about: those of the orders and parcels it names, or any if it names none."""
        named = [self._concerning[name] for name in contact.named if name in self._concerning]
        asked = named if contact.named else [self._all]
        found = {place: finding for one in asked for place, finding in one.latest(contact.step.time, most)}
        return [found[place] for place in sorted(found)[-most:]]


def _is_digital(finding: Finding) -> bool:
    """Whether a friction is one of the web's; a late or stalled delivery is not, even if its step is on the web."""
    return finding.step.touchpoint.family == "web" and finding.kind not in DELIVERY_TROUBLES


def _contact_finding(kind: str, contact: Contact, causes: Sequence[Finding]) -> Finding:
    return Finding(
        kind=kind,
        severity=3,
        about=contact.about,
        step=contact.step,
        time=contact.step.time,
        evidence=(contact.step,),
        cause=tuple(finding.friction_id for finding in causes),
    )


class StockoutToWeb:
    """`stockout_to_web`: an item that the store did not have was bought online within 24 hours: recovered.

    It is about the stockout, and happens at the order; the cause is the stockout friction.
    """

    kinds = ("stockout_to_web",)
    listens_to = ("store.item_unavailable",)
    cross_channel = True
    scope = Scope(frozenset({"store.item_unavailable", ORDER}))

    def __init__(self, policy: CrossChannelPolicy) -> None:
        self._window = policy.stockout_to_web_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look for the first order with the item after each stockout."""
        causes = {finding.step.position: finding for finding in findings if finding.kind == "stockout"}
        stockouts = steps.of("store.item_unavailable")
        orders = _by_item(self._soon_after(stockouts, steps.of(ORDER)))
        for step in stockouts:
            order = self._recovering(step, orders.get(step.text("product_id") or "", ()))
            if order is not None:
                cause = causes.get(step.position)
                yield Finding(
                    kind="stockout_to_web",
                    severity=1,
                    about=event_subject(step),
                    step=order,
                    time=order.time,
                    evidence=(step, order),
                    cause=(cause.friction_id if cause is not None else step.event.id,),
                )

    def _soon_after(self, stockouts: Sequence[Occurrence], orders: Sequence[Occurrence]) -> Iterator[Occurrence]:
        """Yield the orders within the window after a stockout of any item: only their items need to be decoded."""
        times = [stockout.time for stockout in stockouts]
        for order in orders:
            place = bisect_right(times, order.time)
            if place and order.time - times[place - 1] <= self._window:
                yield order

    def _recovering(self, stockout: Occurrence, orders: Sequence[Occurrence]) -> Occurrence | None:
        place = bisect_left(orders, stockout.time, key=attrgetter("time"))
        order = orders[place] if place < len(orders) else None
        return order if order is not None and order.time - stockout.time <= self._window else None


def _by_item(orders: Iterable[Occurrence]) -> Mapping[str, Sequence[Occurrence]]:
    by_item: dict[str, list[Occurrence]] = {}
    for order in orders:
        for item in _items(order):
            by_item.setdefault(item, []).append(order)
    return by_item


def _items(order: Occurrence) -> Iterable[str]:
    items = order.data.get("items")
    named = [item.get("product_id") for item in items if isinstance(item, dict)] if isinstance(items, list) else ()
    return {item for item in named if isinstance(item, str)}


class UnresolvedToReview:
    """`unresolved_to_review`: a review of two stars or fewer within 14 days after a ticket that was still unresolved.

    The days count from the ticket's last opening or reopening before the review; the cause is that event.
    """

    kinds = ("unresolved_to_review",)
    listens_to = ("feedback.review_posted",)
    cross_channel = True
    scope = Scope(frozenset({"feedback.review_posted", *TICKET_TYPES}))

    def __init__(self, policy: CrossChannelPolicy, rating_at_most: float) -> None:
        self._window = policy.unresolved_to_review_ms
        self._rating = rating_at_most
        self._causes = policy.cause_limit

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look back from each poor review."""
        unresolved = Lasting(
            [
                (time.opening.time, None if time.end is None else time.end.time, time.opening)
                for time in steps.derive(unresolved_times)
            ]
        )
        for review in steps.of("feedback.review_posted"):
            rating = review.number("rating")
            if rating is None or rating > self._rating:
                continue
            openings = unresolved.latest(review.time, self._causes)
            causes = [opening for opening in openings if review.time - opening.time <= self._window]
            if causes:
                yield about_event(
                    "unresolved_to_review",
                    3,
                    review,
                    evidence=(*causes, review),
                    cause=tuple(step.event.id for step in causes),
                )
