"""Why one step of the intake refused a message or an event."""

from typing import NamedTuple

from pipeline.events.dead_letter import Reason


class Rejection(NamedTuple):
    """What a step returns instead of its result."""

    reason: Reason
    detail: str
    """Which field, what was expected, what to do. Never a value of `data`: it may be personal."""
