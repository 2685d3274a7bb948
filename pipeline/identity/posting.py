"""The first mail about an event: the touch to its address, and the links between its identifiers."""

from pipeline.events.event import Event
from pipeline.identity.messages import Link, Message, Touch
from pipeline.identity.policy import IdentityPolicy


def post(event: Event, policy: IdentityPolicy) -> list[Message]:
    """Make the mail of an accepted event.

    Each of its other identifiers gets a link to the address. Link times are rounded down to the link resolution, so
    that a busy visitor adds few observations.
    """
    identifiers, time = event.identifiers, event.time
    address = identifiers[0]
    mail: list[Message] = [Touch(address, event, time, ())]
    if len(identifiers) > 1:
        time -= time % policy.link_resolution_ms
        mail += [Link(other, address, time) for other in identifiers[1:]]
    return mail
