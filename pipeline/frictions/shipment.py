"""Shipments: the parcels, or orders without parcels, that a journey waits for."""

from collections.abc import Iterable, Sequence

import msgspec

from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.promise import promised_until

SHIPMENT_TYPES = (
    "web.order_placed",
    "web.order_approved",
    "delivery.handed_over",
    "delivery.parcel_shipped",
    "delivery.promise_changed",
    "delivery.scanned",
    "delivery.temperature_read",
    "delivery.attempt_failed",
    "delivery.damaged",
    "delivery.lost",
    "delivery.delivered",
    "delivery.return_collected",
    "web.order_cancelled",
)
"""Event types that say something about a shipment, in the order in which they happen to one.

Many systems record only minutes or days: events of one time are taken to have happened in this order, whatever their
ids.
"""
_RANK = {name: rank for rank, name in enumerate(SHIPMENT_TYPES)}

PROMISING_TYPES = frozenset(
    {
        "web.order_placed",
        "web.order_approved",
        "delivery.handed_over",
        "delivery.parcel_shipped",
        "delivery.promise_changed",
    }
)
"""Event types whose `promised_at` is a promise."""

ENDING_TYPES = frozenset({"delivery.delivered", "delivery.return_collected", "web.order_cancelled"})
"""Event types after which nobody waits for the shipment any more."""


class Promise(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A delivery promise."""

    step: Occurrence
    until: int
    """The last moment that keeps it: milliseconds since the epoch."""


class Shipment:
    """What is known of one parcel, or of an order that is not known to have parcels.

    `about` names it: the order, for the order's first parcel or an order without parcels; otherwise the parcel. So the
    first late parcel of an order stays the same friction that began as a late order.
    """

    __slots__ = ("about", "concerns", "delivered", "ended", "promises", "shipped", "steps")

    def __init__(self, about: str, concerns: frozenset[str], steps: Sequence[Occurrence]) -> None:
        self.about = about
        self.concerns = concerns
        self.steps = steps
        """In order of time; those of one time in the order of `SHIPMENT_TYPES`."""
        firsts: dict[str, Occurrence] = {}
        for step in steps:
            firsts.setdefault(step.type, step)
        self.shipped = firsts.get("delivery.parcel_shipped") or firsts.get("delivery.handed_over")
        """The shipping step; a hand-over stands in for it."""
        self.delivered = firsts.get("delivery.delivered")
        self.ended = next((first for name, first in firsts.items() if name in ENDING_TYPES), None)
        self.promises = tuple(_promises(steps))
        """In order of the steps that made them."""

    @property
    def promise(self) -> Promise | None:
        """The last promise made at or before shipping; for a shipment not known to be shipped, at or before its end.

        Without one, the promise that the delivery event itself states.
        """
        limit = self.shipped or self.ended
        made = [promise for promise in self.promises if limit is None or promise.step.time <= limit.time]
        if made:
            return made[-1]
        return _promise(self.delivered) if self.delivered is not None else None


def shipments(steps: Steps) -> tuple[Shipment, ...]:
    """Sort a journey's steps by shipment.

    A step that names a parcel is about that parcel; one that names only an order is about all its parcels. Any event
    that names both ties them, a ticket too. A parcel that is first seen when it is collected for return is no
    shipment; its collection is a step of its order.
    """
    of_parcel: dict[str, list[Occurrence]] = {}
    orders_of: dict[str, dict[str, None]] = {}
    of_order: dict[str, list[Occurrence]] = {}
    for step in _in_order(steps.of(*SHIPMENT_TYPES)):
        order, parcel = step.identifier("order_id"), step.identifier("parcel_id")
        if order is not None:
            own = of_order.setdefault(order, [])
            if parcel is None:
                own.append(step)
        if parcel is not None:
            of_parcel.setdefault(parcel, []).append(step)
            orders_of.setdefault(parcel, {}).update({order: None} if order is not None else {})
    for step in steps.carrying("parcel_id") if orders_of else ():
        order, parcel = step.identifier("order_id"), step.identifier("parcel_id")
        if order is not None and parcel in orders_of:
            orders_of[parcel].setdefault(order)
    _return_to_orders(of_parcel, orders_of, of_order)
    return tuple(_assemble(of_parcel, orders_of, of_order))


def stretch_of_shipments(steps: Sequence[Occurrence], first_new: int) -> int | None:
    """The whole journey, if a new step is about a shipment or may tie a parcel to an order."""
    new = steps[first_new:] if first_new else steps
    return 0 if any(step.type in _RANK or step.identifier("parcel_id") for step in new) else None


def _return_to_orders(
    of_parcel: dict[str, list[Occurrence]], orders_of: dict[str, dict[str, None]], of_order: dict[str, list[Occurrence]]
) -> None:
    for parcel in [name for name, own in of_parcel.items() if own[0].type == "delivery.return_collected"]:
        collected = of_parcel.pop(parcel)[0]
        for order in orders_of.pop(parcel):
            of_order[order] = _in_order([*of_order.get(order, ()), collected])


def _assemble(
    of_parcel: dict[str, list[Occurrence]], orders_of: dict[str, dict[str, None]], of_order: dict[str, list[Occurrence]]
) -> Iterable[Shipment]:
    named: set[str] = set()
    for parcel, own in of_parcel.items():
        orders = orders_of[parcel]
        about = next((order for order in orders if order in of_order and order not in named), parcel)
        named.update(orders)
        inherited = [step for order in orders for step in of_order.get(order, ())]
        yield Shipment(about, frozenset({parcel, *orders}), _in_order([*own, *inherited]) if inherited else own)
    for order, own in of_order.items():
        if order not in named:
            yield Shipment(order, frozenset({order}), own)


def _in_order(steps: Iterable[Occurrence]) -> list[Occurrence]:
    return sorted(steps, key=lambda step: (step.time, _RANK[step.type], step.position))


def _promises(steps: Sequence[Occurrence]) -> Iterable[Promise]:
    for step in steps:
        if step.type in PROMISING_TYPES:
            promise = _promise(step)
            if promise is not None:
                yield promise


def _promise(step: Occurrence) -> Promise | None:
    until = promised_until(step.text("promised_at"))
    return None if until is None else Promise(step, until)
