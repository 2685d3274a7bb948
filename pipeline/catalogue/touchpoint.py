"""What the catalogue says about an event type besides its shape."""

from typing import Final

import msgspec

STAGES: Final = ("discover", "evaluate", "buy", "receive", "use", "support", "advocate")
"""Stages of a journey, earliest first."""
MOMENTS: Final = ("zero", "first", "second", "ultimate")
"""Moments of truth."""
CHANNELS: Final = ("web", "app", "store", "phone", "chat", "email", "courier", "social", "device")
FAMILIES: Final = ("web", "delivery", "store", "support", "feedback", "marketing", "product")
"""Source families: the first segment of an event type. Each has a raw topic of its own."""


class Touchpoint(msgspec.Struct, frozen=True):
    """The annotations of one event type."""

    type: str
    touchpoint: str
    """Name of the touchpoint, e.g. `checkout`; several types may share one."""
    stage: str
    moment: str
    """A moment of truth, or empty."""
    channel: str
    """The channel if the event does not say otherwise."""
    owner: str
    """The department that answers for it."""

    @property
    def family(self) -> str:
        """Source family: the first segment of the type."""
        return self.type.partition(".")[0]


def uncatalogued(name: str) -> Touchpoint:
    """A placeholder for a type that is not, or no longer, in the catalogue."""
    return Touchpoint(type=name, touchpoint="other", stage="use", moment="", channel="", owner="unassigned")
