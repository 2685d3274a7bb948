"""Frictions between channels: an effect in one, its cause in another."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.frictions.checkout import ORDER
from pipeline.frictions.detector import Deadline, Finding, about_event, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import CrossChannelPolicy
from pipeline.frictions.scope import Scope
from pipeline.frictions.ticket import CONTACT_TYPES, TICKET_TYPES, Contact, contacts, unresolved_times

DELIVERY_TROUBLES: Final = ("late_delivery", "stalled_parcel")


class DigitalToSupport:
    """`digital_to_support`: a support contact within an hour after web frictions of severity 2 or 3, its causes.

    It is about the contact, and happens there; the causes name the web frictions.
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
        if not digital:
            return
        for contact in steps.derive(contacts):
            causes = [finding for finding in digital if 0 <= contact.step.time - finding.time <= self._window]
            if causes:
                yield _contact_finding("digital_to_support", contact, causes, self._causes)


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
        if not troubles:
            return
        for contact in steps.derive(contacts):
            causes = [
                finding
                for finding in troubles
                if finding.time < contact.step.time
                and (finding.until is None or contact.step.time < finding.until)
                and contact.may_concern(finding.concerns)
            ]
            if causes:
                yield _contact_finding("where_is_my_order", contact, causes, self._causes)


def _is_digital(finding: Finding) -> bool:
    """Whether a friction is one of the web's; a promise that was broken is not, although its order was placed there."""
    return finding.step.touchpoint.family == "web" and finding.kind not in DELIVERY_TROUBLES


def _contact_finding(kind: str, contact: Contact, causes: Sequence[Finding], limit: int) -> Finding:
    return Finding(
        kind=kind,
        severity=3,
        about=contact.about,
        step=contact.step,
        time=contact.step.time,
        evidence=(contact.step,),
        cause=tuple(finding.friction_id for finding in causes[-limit:]),
    )


class StockoutToWeb:
    """`stockout_to_web`: the item that was not in the store was bought online within 24 hours: recovered.

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
        stockouts = {finding.step.position: finding for finding in findings if finding.kind == "stockout"}
        for step in steps.of("store.item_unavailable"):
            item = step.data.get("product_id")
            order = next((order for order in self._orders(steps, step) if item in _items(order)), None)
            if order is not None and item is not None:
                stockout = stockouts.get(step.position)
                yield Finding(
                    kind="stockout_to_web",
                    severity=1,
                    about=event_subject(step),
                    step=order,
                    time=order.time,
                    evidence=(step, order),
                    cause=(stockout.friction_id if stockout is not None else step.event.id,),
                )

    def _orders(self, steps: Steps, stockout: Occurrence) -> Iterator[Occurrence]:
        for order in steps.of(ORDER):
            if 0 <= order.time - stockout.time <= self._window:
                yield order


def _items(order: Occurrence) -> list[object]:
    items = order.data.get("items")
    return [item.get("product_id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []


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
        unresolved = steps.derive(unresolved_times)
        opened_at = [time.opening.time for time in unresolved]
        for review in steps.of("feedback.review_posted"):
            rating = review.number("rating")
            if rating is None or rating > self._rating:
                continue
            recent = unresolved[bisect_left(opened_at, review.time - self._window) :]
            causes = [time.opening for time in recent if time.covers(review)][-self._causes :]
            if causes:
                yield about_event(
                    "unresolved_to_review",
                    3,
                    review,
                    evidence=(*causes, review),
                    cause=tuple(step.event.id for step in causes),
                )
