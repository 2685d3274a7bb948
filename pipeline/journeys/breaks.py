"""Where a customer's events break into journeys."""

from collections.abc import Iterator, Sequence

from pipeline.events.event import Event
from pipeline.journeys.policy import JourneyPolicy


def journeys_of(events: Sequence[Event], policy: JourneyPolicy) -> Iterator[tuple[int, int]]:
    """Yield each journey as a range of indexes, first to after-last.

    Args:
        events: One customer's events without copies, all probes or none, in order of `(time, source, id)`.
        policy: The gap, and which namespaces are transactions.
    """
    gaps = [
        index for index in range(1, len(events)) if events[index].time - events[index - 1].time > policy.journey_gap_ms
    ]
    start = 0
    for index in _unspanned(gaps, events, policy) if gaps else ():
        yield start, index
        start = index
    if events:
        yield start, len(events)


def _unspanned(gaps: Sequence[int], events: Sequence[Event], policy: JourneyPolicy) -> Iterator[int]:
    """Yield the gaps over which no transaction reaches: one that is seen before and again after."""
    last_seen: dict[str, int] = {}
    for index, event in enumerate(events):
        for identifier in event.identifiers:
            last_seen[identifier] = index
    reach = start = 0
    for gap in gaps:
        for event in events[start:gap]:
            for identifier in event.identifiers:
                if last_seen[identifier] > reach and _is_transaction(identifier, policy):
                    reach = last_seen[identifier]
        start = gap
        if reach < gap:
            yield gap


def transactions(event: Event, policy: JourneyPolicy) -> list[str]:
    """The identifiers of an event that span gaps."""
    return [identifier for identifier in event.identifiers if _is_transaction(identifier, policy)]


def _is_transaction(identifier: str, policy: JourneyPolicy) -> bool:
    return identifier.partition(":")[0] in policy.transaction_namespaces
