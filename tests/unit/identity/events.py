"""Events and touches for tests."""

from pipeline.events.event import Event
from pipeline.identity.messages import Hop, Touch


def event(event_id: str, time: int, *identifiers: str, digest: int = 0) -> Event:
    """An event with these identifiers, strongest first."""
    return Event("/test", event_id, "web.clicked", time, time, identifiers, "web", False, digest, b"{}")


def touch(
    at: str, time: int, route: tuple[Hop, ...] = (), event_id: str = "1", digest: int = 0, address: str = ""
) -> Touch:
    """A touch on its way to a mailbox."""
    return Touch(at, event(event_id, time, address or at, digest=digest), time, route)
