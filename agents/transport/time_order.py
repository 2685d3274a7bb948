"""Up to which time partitions that are read side by side may be read.

A backlog in the order of time costs less and shows fewer journeys that later change: small topics do not run ahead of
large ones. Kafka Streams chooses its next record likewise. It is an order of convenience: nothing depends on it.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Partition = TypeVar("Partition", bound=Hashable)

PATIENCE_SECONDS: Final = 2.0
"""How long a partition may hold up the others, and be held up by them: a topic that is overwhelmed, or whose broker is
away, or whose producers' clocks are wrong, costs the others this much."""
OVERDUE_MS: Final = 4_000
"""How much is read of a partition that was held up for too long: all that came meanwhile, and as much again, so that it
does not fall behind; but little of a backlog."""


@dataclass(frozen=True, slots=True)
class Front:
    """How far the next records of a partition are known that has more."""

    latest: float
    """The time of the last known record, in milliseconds since the epoch."""
    is_ready: bool
    """Whether the known records can be taken now."""


class TimeOrder(Generic[Partition]):
    """Where each partition has got to, and since when. Times without a unit are seconds of a steady clock."""

    def __init__(self) -> None:
        self._reached: dict[Partition, float] = {}
        self._moved: dict[Partition, float] = {}
        self._held: dict[Partition, float] = {}
        self._allowed: dict[Partition, float] = {}

    def moved(self, partition: Partition, latest: float, now: float) -> None:
        """Note that records were taken; `latest`: the time of the last of them."""
        self._reached[partition] = latest
        self._moved[partition] = now

    def reached(self, partition: Partition) -> float:
        """The time of the last record that was taken, in milliseconds since the epoch; minus infinity: none yet."""
        return self._reached.get(partition, -math.inf)

    def until(self, fronts: Mapping[Partition, Front], now: float) -> float:
        """The time up to which all records are known, in milliseconds since the epoch; infinite without fronts.

        The partition that sets the limit can take all of its known records, so there is always progress. One that has
        none, or cannot take them, sets no limit once it has not moved for a while.
        """
        return min(
            (
                front.latest
                for partition, front in fronts.items()
                if front.is_ready or now < self._moved.setdefault(partition, now) + PATIENCE_SECONDS
            ),
            default=math.inf,
        )

    def own_until(self, partition: Partition, until: float, first: float, now: float) -> float:
        """The time up to which a partition may be read: later than `until` if that has held it up for too long.

        Args:
            partition: One whose records can be taken now.
            until: The limit of all partitions.
            first: The time of the partition's next record; times of records are in milliseconds since the epoch.
            now: The time.
        """
        limit = max(until, self._allowed.get(partition, -math.inf))
        if first <= limit:
            self._held.pop(partition, None)
        elif now >= self._held.setdefault(partition, now) + PATIENCE_SECONDS:
            limit = self._allowed[partition] = first + OVERDUE_MS
        return limit
