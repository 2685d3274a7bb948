"""Random sets of events with many conflicts."""

from random import Random

from pipeline.events.event import Event
from pipeline.identity.policy import IdentityPolicy

TIGHT = IdentityPolicy(link_resolution_ms=10, shared_limit=2, shared_limit_transaction=2)
"""Limits so low that a handful of events crosses them."""
LOOSE = IdentityPolicy(link_resolution_ms=7, shared_limit=4, shared_limit_transaction=5)
NAMESPACES = (
    "customer_id",
    "loyalty_id",
    "email",
    "phone",
    "device_id",
    "anonymous_id",
    "order_id",
    "ticket_id",
    "receipt_id",
    "parcel_id",
)
_LIKELY = {
    "customer_id": 0.4,
    "loyalty_id": 0.1,
    "email": 0.3,
    "phone": 0.15,
    "device_id": 0.2,
    "anonymous_id": 0.35,
    "order_id": 0.4,
    "ticket_id": 0.25,
    "receipt_id": 0.15,
    "parcel_id": 0.2,
}


def policy_of(random: Random) -> IdentityPolicy:
    """Mostly tight limits, which cause conflicts with few events."""
    return random.choice((TIGHT, TIGHT, LOOSE))


def event_set(random: Random, largest: int = 24) -> list[Event]:
    """Events of few people with few identifiers, so that everything is shared, linked late and tied."""
    values = {namespace: random.choice((1, 2, 2, 3, 5)) for namespace in NAMESPACES}
    span = random.choice((30, 100, 400))
    events: list[Event] = []
    for number in range(random.randint(2, largest)):
        identifiers = _identifiers(random, values)
        event = touchpoint(number, random.randrange(span), identifiers)
        events.append(event)
        while random.random() < 0.1:
            events.append(_copy(random, event, span))
    return events


def touchpoint(number: int, time: int, identifiers: list[str], digest: int = 0) -> Event:
    """An event with these identifiers, strongest first."""
    return Event("/test", str(number), "web.clicked", time, time, tuple(identifiers), "web", False, digest, b"{}")


def _identifiers(random: Random, values: dict[str, int]) -> list[str]:
    chosen: list[str] = []
    while not chosen:
        chosen = [
            f"{namespace}:{random.randrange(values[namespace])}"
            for namespace in NAMESPACES
            if random.random() < _LIKELY[namespace]
        ]
    keep = random.choice((1, 2, 2, 2, 3, 4))
    return sorted(random.sample(chosen, min(keep, len(chosen))), key=_rank, reverse=True)


def _rank(identifier: str) -> int:
    return LOOSE.namespace(identifier).rank


def _copy(random: Random, event: Event, span: int) -> Event:
    """A copy of an event with another content, perhaps at another time or without some of the weaker identifiers."""
    time = random.choice((event.time, event.time + 1, random.randrange(span)))
    identifiers = [event.address, *(other for other in event.identifiers[1:] if random.random() < 0.8)]
    return touchpoint(int(event.id), time, identifiers, random.randint(-2, 3) % 4)
