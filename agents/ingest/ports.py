"""What taking in needs from elsewhere."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.events.record import Record


class Intake(Protocol):
    """From the bytes of a record to accepted events and rejections."""

    def take(self, record: Record, now: int) -> list[Event | DeadLetter]:
        """Decode, validate, normalise and pseudonymise; `now` in milliseconds since the epoch."""
        ...


class DeadLetterStore(Protocol):
    """Where rejections are kept."""

    async def save(self, letters: Sequence[DeadLetter]) -> None:
        """Save them durably; saving them twice does no harm.

        Raises:
            StoreUnavailableError: The store cannot be reached: try again later.
        """
        ...
