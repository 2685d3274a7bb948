"""Checkouts, orders and purchases of a journey."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from pipeline.frictions.occurrence import Occurrence, Steps

CHECKOUT = "web.checkout_started"
ORDER = "web.order_placed"
PURCHASE = "store.purchased"


class Checkout(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A checkout that was started, and the first order at or after it."""

    step: Occurrence
    order: Occurrence | None

    def deadline(self, abandon_after_ms: int) -> int | None:
        """The last moment for an order, in milliseconds since the epoch; None if one was placed in time."""
        last = self.step.time + abandon_after_ms
        return None if self.order is not None and self.order.time <= last else last


def checkouts(steps: Steps) -> tuple[Checkout, ...]:
    """List the checkouts in order."""
    orders = steps.of(ORDER)
    times = [order.time for order in orders]
    return tuple(_checkout(step, orders, times) for step in steps.of(CHECKOUT))


def _checkout(step: Occurrence, orders: Sequence[Occurrence], times: list[int]) -> Checkout:
    index = bisect_left(times, step.time)
    return Checkout(step, orders[index] if index < len(orders) else None)


def orders(steps: Steps) -> tuple[Occurrence, ...]:
    """List the orders placed, each `order_id` once: its first event counts."""
    return tuple(_distinct(steps.of(ORDER), "order_id"))


def purchases(steps: Steps) -> tuple[Occurrence, ...]:
    """List the store purchases, each `receipt_id` once: its first event counts."""
    return tuple(_distinct(steps.of(PURCHASE), "receipt_id"))


def _distinct(steps: Sequence[Occurrence], namespace: str) -> Iterable[Occurrence]:
    seen: set[str] = set()
    for step in steps:
        identifier = step.identifier(namespace)
        if identifier is None or identifier not in seen:
            yield step
        if identifier is not None:
            seen.add(identifier)
