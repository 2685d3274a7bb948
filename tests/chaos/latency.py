"""How long events take from the broker to the tables, as the workers count it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from tests.servers.metrics import samples

METRIC: Final = "touchline_event_latency_seconds"

Buckets = Counter[float]
"""By upper bound in seconds, how many events took at most that long: cumulative."""


def latencies(urls: Iterable[str], without: str) -> Buckets:
    """The histogram over all workers and all sources but one.

    Args:
        urls: The base URLs of the workers' web pages.
        without: The source that is left out.
    """
    found: Buckets = Counter()
    for sample in samples(urls, f"{METRIC}_bucket"):
        if sample.labels["source"] != without:
            found[float(sample.labels["le"])] += int(sample.value)
    return found


def between(before: Mapping[float, int], after: Mapping[float, int]) -> Buckets:
    """What was counted between two calls of `latencies`."""
    return Counter({bound: count - before.get(bound, 0) for bound, count in after.items()})


def quantile(buckets: Mapping[float, int], share: float) -> float:
    """The smallest bucket bound that this share of the events did not exceed; infinite if they took longer."""
    total = max(buckets.values(), default=0)
    return min((bound for bound, count in buckets.items() if total and count >= share * total), default=float("inf"))
