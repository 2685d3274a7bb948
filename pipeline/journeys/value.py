"""What a journey is worth, and how much of it is at risk."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum
from operator import attrgetter
from typing import Final

import msgspec

from pipeline.frictions.checkout import CHECKOUT, ORDER, PURCHASE, Checkout, checkouts, orders, purchases
from pipeline.frictions.occurrence import Occurrence, Steps

Amounts = tuple[tuple[str, float], ...]
"""Pairs of a currency and a sum, sorted; the currency is empty where none is known."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """Amounts of a journey."""

    ordered: float
    """Sum over its orders and store purchases."""
    unconverted: float
    """Sum over its checkouts that were abandoned and led to no order; with orders, only those in their currency."""
    currency: str
    """Of the orders or, without orders, of the checkouts; empty if none is given, `mixed` if they differ."""
    baskets: Amounts = ()
    """By currency the sums over all checkouts that were abandoned and led to no order."""
    whole: Amounts = ()
    """The same over these and all orders and store purchases."""


NOTHING = Value(0.0, 0.0, "")
_MIXED: Final = "mixed"
"""Stands for a currency where amounts of several were added up."""
_VALUED = frozenset({CHECKOUT, ORDER, PURCHASE})
VALUE_TYPES: Final = _VALUED | {"web.cart_updated"}
"""Event types that may change a journey's value."""


def value_of(steps: Steps, now: int, abandon_after_ms: int) -> Value:
    """Add up a journey's orders and abandoned checkouts.

    Copies of an order count once, whatever their event ids; `now` is at least the time of the last step.
    """
    if not steps.has_any(_VALUED):
        return NOTHING
    ordered = _priced([*steps.derive(orders), *steps.derive(purchases)])
    started = steps.derive(checkouts)
    baskets = _priced([_basket(checkout.step, steps) for checkout in _unconverted(started, now, abandon_after_ms)])
    currency = _currency(ordered or baskets)
    unsaid = "" if currency == _MIXED else currency
    amounts = _by_currency(baskets, unsaid), _by_currency([*ordered, *baskets], unsaid)
    if ordered and currency != _MIXED:
        # Amounts of another currency must neither be added as if of this one, nor make the orders' currency `mixed`.
        baskets = [basket for basket in baskets if basket.text("currency") in (currency, None)]
    return Value(_sum(ordered), _sum(baskets), currency, *amounts)


def _priced(steps: Iterable[Occurrence]) -> Sequence[Occurrence]:
    return [step for step in steps if step.number("amount") is not None]


def _sum(steps: Iterable[Occurrence]) -> float:
    return fsum(step.number("amount") or 0 for step in steps)


def _by_currency(steps: Iterable[Occurrence], unsaid: str) -> Amounts:
    by_currency: dict[str, list[Occurrence]] = {}
    for step in steps:
        by_currency.setdefault(step.text("currency") or unsaid, []).append(step)
    return tuple([(currency, _sum(some)) for currency, some in sorted(by_currency.items())])


def _unconverted(started: Sequence[Checkout], now: int, abandon_after_ms: int) -> Iterable[Checkout]:
    """Yield the abandoned checkouts without any later order.

    One that is followed by another within `abandon_after_ms` is left out.
    """
    repeated = {
        one.step.position for one, other in pairwise(started) if other.step.time - one.step.time <= abandon_after_ms
    }
    for checkout in started:
        deadline = checkout.deadline(abandon_after_ms)
        if checkout.order is not None or deadline is None or checkout.step.position in repeated:
            continue
        if now > deadline:
            yield checkout


def _basket(checkout: Occurrence, steps: Steps) -> Occurrence:
    """The step that says what the checkout was worth: itself, or the last cart at or before its time."""
    if checkout.number("amount") is not None:
        return checkout
    carts = steps.of("web.cart_updated")
    before = bisect_right(carts, checkout.time, key=attrgetter("time"))
    return carts[before - 1] if before else checkout


def _currency(steps: Sequence[Occurrence]) -> str:
    currencies = {step.text("currency") for step in steps} - {None}
    return _MIXED if len(currencies) > 1 else next(iter(currencies), None) or ""
