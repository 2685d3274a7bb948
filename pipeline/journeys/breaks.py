"""Where a customer's events break into journeys."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.frictions.occurrence import Occurrence
from pipeline.journeys.policy import JourneyPolicy


def journeys_of(steps: Sequence[Occurrence], policy: JourneyPolicy) -> Iterable[Sequence[Occurrence]]:
    """The journeys, in order.

    Args:
        steps: One customer's, all probes or none, in order of `(time, source, id)`.
        policy: The gap, and which namespaces are transactions.
    """
    if steps[-1].time - steps[0].time <= policy.journey_gap_ms:
        return (steps,)
    return _broken(steps, policy)


def _broken(steps: Sequence[Occurrence], policy: JourneyPolicy) -> Iterator[Sequence[Occurrence]]:
    start = 0
    for index in _unspanned(_gaps(steps, policy.journey_gap_ms), steps, policy):
        yield steps[start:index]
        start = index
    yield steps[start:]


def _gaps(steps: Sequence[Occurrence], longest_ms: int) -> Sequence[int]:
    return [index for index, (one, other) in enumerate(pairwise(steps), 1) if other.time - one.time > longest_ms]


def _unspanned(gaps: Sequence[int], steps: Sequence[Occurrence], policy: JourneyPolicy) -> Iterator[int]:
    """Yield the gaps that no transaction spans: none is seen both before and after."""
    if not gaps:
        return
    last_seen = {identifier: index for index, step in enumerate(steps) for identifier in step.event.identifiers}
    reach = start = 0
    for gap in gaps:
        for identifier in transactions(steps[start:gap], policy):
            reach = max(reach, last_seen[identifier])
        start = gap
        if reach < gap:
            yield gap


def transactions(steps: Iterable[Occurrence], policy: JourneyPolicy) -> set[str]:
    """The transaction identifiers of some steps: these span gaps."""
    named = {identifier for step in steps for identifier in step.event.identifiers}
    return {identifier for identifier in named if identifier.partition(":")[0] in policy.transaction_namespaces}
