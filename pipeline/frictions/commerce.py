"""Frictions of buying online."""

from collections.abc import Iterator, Sequence

from pipeline.frictions.checkout import CHECKOUT, ORDER, checkouts
from pipeline.frictions.detector import Deadline, EventDetector, Finding, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.scope import Scope


class PaymentFailed(EventDetector):
    """`payment_failed`: a payment was refused or aborted."""

    kinds = ("payment_failed",)
    listens_to = ("web.payment_failed",)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Each event is a friction."""
        return "payment_failed", 3


class CheckoutAbandoned:
    """`checkout_abandoned`: a checkout was started, and no order of that customer followed within an hour.

    Each start of a checkout is judged on its own. A deadline friction: it appears when the hour has passed, dated at
    that moment, and is withdrawn if an order that was placed in time arrives late.
    """

    kinds = ("checkout_abandoned",)
    listens_to = (CHECKOUT,)
    cross_channel = False
    scope = Scope(frozenset({CHECKOUT, ORDER}))

    def __init__(self, abandon_after_ms: int) -> None:
        self._abandon_after = abandon_after_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each checkout with the first order at or after it."""
        for checkout in steps.derive(checkouts):
            deadline = checkout.deadline(self._abandon_after)
            if deadline is None:
                continue
            if now <= deadline:
                yield Deadline(deadline + 1)
                continue
            yield Finding(
                kind="checkout_abandoned",
                severity=2,
                about=event_subject(checkout.step),
                step=checkout.step,
                time=deadline,
                evidence=(checkout.step,),
            )
