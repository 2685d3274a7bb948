"""Frictions in the store."""

from pipeline.frictions.detector import EventDetector
from pipeline.frictions.occurrence import Occurrence
from pipeline.frictions.policy import StorePolicy


class LongQueue(EventDetector):
    """`long_queue`: a wait of more than five minutes (severity 1), or a queue left without being served (3)."""

    kinds = ("long_queue",)
    listens_to = ("store.queue_left",)

    def __init__(self, policy: StorePolicy) -> None:
        self._longest = policy.long_queue_ms

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Judge by the wait and by whether the customer was served."""
        if step.flag("served") is False:
            return "long_queue", 3
        return ("long_queue", 1) if (step.number("wait_seconds") or 0) * 1000 > self._longest else None


class Stockout(EventDetector):
    """`stockout`: the item the customer came for was not there."""

    kinds = ("stockout",)
    listens_to = ("store.item_unavailable",)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Each event is a friction."""
        return "stockout", 2


class ItemReturned(EventDetector):
    """`item_returned`: an item came back, over the counter or collected by a carrier."""

    kinds = ("item_returned",)
    listens_to = ("store.item_returned", "delivery.return_collected")

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Each event is a friction."""
        return "item_returned", 1
