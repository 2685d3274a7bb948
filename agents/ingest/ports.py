"""The port of the ingest agent."""

from typing import Protocol

from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.events.record import Record


class Intake(Protocol):
    """Turns the bytes of a record into accepted events and rejections."""

    def take(self, record: Record, now: int) -> list[Event | DeadLetter]:
        """Decode, validate, normalise and pseudonymise; `now` in milliseconds since the epoch."""
        ...
