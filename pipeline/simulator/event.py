"""A simulated event with the truth about it."""

from typing import NamedTuple

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class SimulatedEvent(NamedTuple):
    """One event as it arrives at the pipeline, and who was really behind it."""

    event: dict[str, Json]
    """A CloudEvents 1.0 event, ready to be sent."""
    person: str
    """The name of the simulated person the event is about: the ground truth, which no event carries."""
    deliver_at: int
    """When it arrives: milliseconds since the epoch, UTC; at or after its own time."""
