"""The first mail about an event: the touch to its address, and the links that it shows."""

from pipeline.events.event import Event
from pipeline.identity.messages import Link, Message, Touch
from pipeline.identity.policy import IdentityPolicy


def post(event: Event, policy: IdentityPolicy) -> list[Message]:
    """Make the mail of an accepted event.

    Each of its other identifiers was seen to belong to the address; the time of that is rounded down to the link
    resolution, which keeps the observations of a busy visitor few.
    """
    address, *others = event.identifiers
    time = event.time - event.time % policy.link_resolution_ms
    return [Touch(address, event, event.time, ()), *(Link(other, address, time) for other in others)]
