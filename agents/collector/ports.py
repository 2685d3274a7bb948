"""What the pages need from the broker."""

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
        """Never to be taken by this broker."""


class Sender(Protocol):
    """The way to the broker."""

    @property
    def ready(self) -> bool:
        """Whether the broker answered when it was asked last."""
        ...

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """Send packs and wait until they are acknowledged, or the time is up.

        Args:
            packs: What to send.
            received_at: The records' timestamp, milliseconds since the epoch: when events without a time happened.
        """
        ...
