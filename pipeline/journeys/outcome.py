"""What became of a journey, and what it still waits for."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from pipeline.frictions.checkout import CHECKOUT, ORDER, PURCHASE, checkouts, orders
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.shipment import ENDING_TYPES
from pipeline.frictions.ticket import TICKET_TYPES, tickets
from pipeline.journeys.policy import JourneyPolicy

BROWSING: Final = "browsing"
"""The outcome where nothing else applies."""
OUTCOMES: Final = (BROWSING, "abandoned", "converted", "returned", "unresolved", "advocated")
"""All outcomes; the last of those that apply counts."""
RETURN_TYPES = ("store.item_returned", "delivery.return_collected")
_DECISIVE = frozenset({CHECKOUT, ORDER, PURCHASE, *RETURN_TYPES, *TICKET_TYPES})
_ENDINGS = (*sorted(ENDING_TYPES), "store.item_returned")
_ADVOCATING = ("feedback.review_posted", "feedback.survey_answered")
_TELLING: Final = frozenset({*_DECISIVE, *_ENDINGS, *_ADVOCATING})


def may_decide(types: Collection[str], new: Sequence[Occurrence], steps: Steps) -> bool:
    """Whether new steps of some types may change what `outcome_of` and `waits_until` return for their journey.

    If there are orders, any step that names a parcel may tell which order it belongs to.
    """
    if not _TELLING.isdisjoint(types):
        return True
    return bool(steps.of(ORDER)) and any(step.identifier("parcel_id") for step in new)


def outcome_of(steps: Steps, now: int, policy: JourneyPolicy) -> tuple[str, int | None]:
    """Return the last outcome that applies, and the first moment at which the clock alone may change it.

    Args:
        steps: The journey.
        now: The clock, at least the time of the last step: milliseconds since the epoch.
        policy: When a checkout counts as abandoned.
    """
    if not steps.has_any(_DECISIVE):
        return BROWSING, None
    converted = next(iter(steps.of(ORDER, PURCHASE)), None)
    if converted is not None and _advocated(steps, converted):
        return "advocated", None
    if any(ticket.unresolved_since for ticket in steps.derive(tickets)):
        return "unresolved", None
    if steps.of(*RETURN_TYPES):
        return "returned", None
    if converted is not None:
        return "converted", None
    deadlines = [deadline for deadline in _deadlines(steps, policy) if deadline is not None]
    if any(now > deadline for deadline in deadlines):
        return "abandoned", None
    return BROWSING, min(deadlines) + 1 if deadlines else None


def _deadlines(steps: Steps, policy: JourneyPolicy) -> list[int | None]:
    return [checkout.deadline(policy.abandon_after_ms) for checkout in steps.derive(checkouts)]


def _advocated(steps: Steps, converted: Occurrence) -> bool:
    for step in steps.of(*_ADVOCATING):
        if step.time < converted.time:
            continue
        if step.type == "feedback.review_posted":
            if (step.number("rating") or 0) >= 4:
                return True
        elif step.text("kind") == "nps" and (step.number("score") or 0) >= 9:
            return True
    return False


def waits_until(steps: Steps, policy: JourneyPolicy) -> int:
    """Return the last moment at which something in the journey is waited for; 0 if nothing is."""
    if not steps.has_any(_DECISIVE):
        return 0
    return max((since.time + policy.max_wait_ms for since in _waiting(steps)), default=0)


def _waiting(steps: Steps) -> Iterator[Occurrence]:
    """Yield the orders without delivery, return or cancellation, and the openings of tickets without resolution."""
    placed = steps.derive(orders)
    if placed:
        ended = _ended_orders(steps)
        yield from (order for order in placed if order.identifier("order_id") not in ended)
    for ticket in steps.derive(tickets):
        since = ticket.unresolved_since
        if since is not None:
            yield since


def _ended_orders(steps: Steps) -> set[str | None]:
    orders_of: dict[str, set[str]] = {}
    ended: set[str | None] = set()
    endings = steps.of(*_ENDINGS)
    if not endings:
        return ended
    for step in steps.carrying("parcel_id"):
        order, parcel = step.identifier("order_id"), step.identifier("parcel_id")
        if order is not None and parcel is not None:
            orders_of.setdefault(parcel, set()).add(order)
    for step in endings:
        ended.add(step.identifier("order_id"))
        ended.update(orders_of.get(step.identifier("parcel_id") or "", ()))
    ended.discard(None)
    return ended
