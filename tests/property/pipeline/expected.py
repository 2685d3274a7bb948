"""What the tables must hold in the end: identity by the offline oracle, and one fold per customer."""

from collections.abc import Mapping, Sequence

from pipeline.adapters.memory.store import MemoryStore
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.policy import IdentityPolicy
from pipeline.journeys.fold import Folded, fold
from pipeline.journeys.journey import Journey
from pipeline.journeys.rules import Rules
from tests.property.identity.oracle import Oracle

Touchpoints = dict[tuple[str, bytes], tuple[tuple[int, int, int], str]]
"""Precedence of the copy that counts and journey id, by customer and event key."""
Tables = tuple[Touchpoints, dict[tuple[str, str], Journey], dict[tuple[str, str], Friction]]


def expected_tables(
    events: Sequence[Event], catalogue: Mapping[str, Touchpoint], identity: IdentityPolicy, rules: Rules, now: int
) -> Tables:
    """The answer, computed offline from the set of events."""
    by_copy = {(event.key, event.precedence): event for event in events}
    customers: dict[str, list[Event]] = {}
    for customer, key, precedence in Oracle(events, identity).placed():
        customers.setdefault(customer, []).append(by_copy[key, precedence])
    touchpoints: Touchpoints = {}
    journeys: dict[tuple[str, str], Journey] = {}
    frictions: dict[tuple[str, str], Friction] = {}
    for customer, theirs in customers.items():
        folded: Folded = fold(customer, theirs, now, catalogue, rules)
        for event in theirs:
            touchpoints[customer, event.key] = event.precedence, folded.membership[event.key]
        journeys |= {(customer, journey.journey_id): journey for journey in folded.journeys}
        frictions |= {(customer, friction.friction_id): friction for friction in folded.frictions}
    return touchpoints, journeys, frictions


def stored_tables(store: MemoryStore) -> Tables:
    """What the store holds, in the same form."""
    return (
        {
            (customer, touch.event.key): (touch.event.precedence, touch.journey_id)
            for customer, touch in store.touchpoints()
        },
        {(journey.customer, journey.journey_id): journey for journey in store.journeys()},
        {(row.friction.customer, row.friction.friction_id): row.friction for row in store.frictions()},
    )
