"""The port to the broker."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.events.packing import Pack


class Delivery:
    """What became of a request's packs."""

    def __init__(self) -> None:
        self.acknowledged: list[Pack] = []
        self.waiting: list[Pack] = []
        """Not acknowledged in time; they may arrive all the same."""
        self.too_large: list[Pack] = []
        """The broker will never accept them."""


class Sender(Protocol):
    """Sends packs to the broker."""

    @property
    def ready(self) -> bool:
        """Whether the broker answered when it was asked last."""
        ...

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """Send packs and wait until they are acknowledged, or the time is up.

        Args:
            packs: What to send.
            received_at: The records' timestamp, in milliseconds since the epoch; events without a time happened then.
        """
        ...
