"""Complete rows to save, with every field different from its default."""

from collections.abc import Iterable

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Hop, Touch
from pipeline.identity.owners import OwnerPeriod
from pipeline.journeys.journey import Journey
from pipeline.stitching.changes import (
    Changes,
    CustomerChanges,
    DetectedFriction,
    MailboxRow,
    StoredTouch,
    Wake,
)

NOON = 1_772_366_400_123
"""2026-03-01T12:00:00.123Z."""

CATALOGUE = {
    "web.page_viewed": Touchpoint("web.page_viewed", "page", "discover", "", "web", "e-commerce"),
    "web.order_placed": Touchpoint("web.order_placed", "checkout", "buy", "first", "web", "e-commerce"),
}


def make_event(
    number: int = 1,
    *,
    address: str = "customer_id:42",
    time: int = NOON,
    source: str = "/shop/web",
    type: str = "web.order_placed",
    probe: bool = True,
    digest: int | None = None,
    data: bytes = b'{"amount":12.5}',
) -> Event:
    return Event(
        source=source,
        id=f"e-{number}",
        type=type,
        time=time,
        received_at=time + 250,
        identifiers=(address, "order_id:o-1"),
        channel="app",
        probe=probe,
        digest=2**64 - 1 - number if digest is None else digest,
        data=data,
    )


def make_touch(event: Event | None = None, *, journey_id: str = "a" * 32) -> StoredTouch:
    event = event or make_event()
    route = (Hop("parcel_id:p", event.time - 5, 3), Hop("order_id:o-1", event.time - 7, 2**40))
    copy = make_event(1, time=event.time + 9, source="/shop/web/again", data=b'{"amount":13}')
    return StoredTouch(
        event, event.time - 7, route, journey_id, (Touch("customer_id:42", copy, event.time, route[:1]),)
    )


def make_journey(number: int = 1, *, customer: str = "customer_id:42", outcome: str = "converted") -> Journey:
    return Journey(
        journey_id=f"{number:032x}",
        customer=customer,
        probe=True,
        started_at=NOON,
        ended_at=NOON + 60_000,
        status="open",
        outcome=outcome,
        events=2,
        sessions=1,
        channels=("app", "web"),
        sources=("web",),
        furthest_stage="buy",
        seconds_to_buy=60.0,
        order_value=12.5,
        currency="EUR",
        friction_score=3,
        value_at_risk=12.25,
        at_risk=(("EUR", 12.25), ("USD", 3.0)),
        first_event=("/shop/web", "e-0"),
        last_touchpoint="checkout",
        stages=(("discover", NOON), ("buy", NOON + 60_000)),
    )


def make_friction(number: int = 1, *, customer: str = "customer_id:42", severity: int = 3) -> DetectedFriction:
    friction = Friction(
        friction_id=f"{number:032x}",
        kind="payment_failed",
        severity=severity,
        time=NOON + 30_000,
        customer=customer,
        journey_id="a" * 32,
        touchpoint="checkout",
        owner="e-commerce",
        channel="web",
        evidence=("e-0", "e-1"),
        cause=("e-9",),
        probe=True,
    )
    return DetectedFriction(friction, NOON + 31_000)


def make_mailbox(identifier: str = "anonymous_id:a-1", *, state: bytes = b"\x01\x00\xff links") -> MailboxRow:
    owners = (OwnerPeriod(None, "customer_id:42", None), OwnerPeriod(NOON, "order_id:o-1", NOON - 1))
    return MailboxRow(identifier, 3, state, owners, shared=True)


def at_customer(
    *touches: StoredTouch,
    customer: str = "customer_id:42",
    partition: int = 3,
    gone: Iterable[bytes] = (),
    journeys: Iterable[Journey] = (),
    journeys_gone: Iterable[str] = (),
    frictions: Iterable[DetectedFriction] = (),
    frictions_gone: Iterable[str] = (),
) -> Changes:
    """The changes of a batch that touched one customer."""
    return Changes(
        customers=[
            CustomerChanges(
                customer,
                partition,
                {touch.event.key: touch for touch in touches},
                set(gone),
                list(journeys),
                list(journeys_gone),
                list(frictions),
                list(frictions_gone),
            )
        ]
    )


def wakes(*ats: int, customer: str = "customer_id:42", partition: int = 3, done: bool = False) -> Changes:
    return Changes(wakes=[Wake(customer, partition, at, done) for at in ats])
