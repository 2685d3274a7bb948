"""No fault at all: a long run at half of the cluster's capacity, in which nothing may grow."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from tests.chaos.fault import EVENTS_PER_SECOND, Fault
from tests.chaos.memory import Memory
from tests.chaos.site import Site
from tests.chaos.trend import Point, Trend
from tests.chaos.watch import Watch

BURST: Final = 5_000
"""Events a second that are offered to measure the capacity: more than the cluster can do."""
BURST_SECONDS: Final = 20.0
DRAIN_SECONDS: Final = 900.0
LOOK_SECONDS: Final = 30.0
"""A look counts every stored row: at half a million it takes half a second of ClickHouse, and the longer a soak lasts
the more."""
CACHE_MIB: Final = 24
"""The size of a worker's cache: small, so that it is full within minutes and memory must be flat from then on."""
MOST_SHARE: Final = 0.1
"""The share of its level by which a process's memory may grow."""
MOST_LAG_SECONDS: Final = 5.0
"""By how much the lag may grow, in seconds of the load."""

KINDS: Final = ("worker", "broker", "ClickHouse")
LEAST_RATE: Final = 0.9
"""The share of the rate that must be reached."""
PEOPLE_PER_SECOND: Final = 60
"""The retailer's customers, for each second of the run: at a thousand events a second, each has a dozen or two in the
end. With few customers, histories would grow by months within hours, and with them the cost of an event, so that no
rate would be steady."""
LEAST_PER_SECOND: Final = 100
"""On a busy machine, half of the capacity may be next to nothing, and a run at that rate proves nothing."""


class Soak(Fault):
    """First measures the capacity, by the time until a burst is stored; then sends at half of it."""

    name = "soak"
    summary = "no fault, half of the capacity, for long"
    seconds = 1_800.0
    looks_every = LOOK_SECONDS
    spares_workers = True

    def __init__(
        self, times: int | None = None, seconds: float | None = None, per_second: int = EVENTS_PER_SECOND
    ) -> None:
        super().__init__(times, seconds, per_second)
        self.people = max(self.people, round(PEOPLE_PER_SECOND * self.duration))
        self._said: list[str] = []
        self._began = self._ended = 0.0

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """Workers with small caches."""
        settings = {"TOUCHLINE_WORKER_CACHE_MIB": str(CACHE_MIB)}
        with Site(directory, brokers=brokers, workers=workers, settings=settings) as site:
            yield site

    def rest(self, chance: Random) -> float:
        """No time: there is nothing to recover from."""
        return 0.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Measure the capacity, and send at half of it."""
        capacity = self._capacity(site)
        self.per_second = round(capacity / 2)
        self._began = time.monotonic()
        self.last()
        self._ended = time.monotonic()
        self._said.append(
            f"capacity {capacity:.0f} events/s, {self.duration / 60:.0f} min at {self.per_second} events/s"
        )

    def notes(self) -> tuple[str, ...]:
        """The rates, and the trends of memory and lag."""
        return tuple(self._said)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """What was not flat, and what makes the trends invalid."""
        looks = memory.looks()
        points = {
            process.name: self._meanwhile((look.at, look.mebibytes) for look in seen)
            for process, seen in looks.items()
            if seen[-1].at >= self._ended
        }
        ended = [f"{each.name} ended" for each, seen in looks.items() if self._began <= seen[-1].at < self._ended]
        behind = self._meanwhile((look.at, (look.sent - look.stored) / self.per_second) for look in watch.samples)
        sent = self._meanwhile((look.at, float(look.sent)) for look in watch.samples)
        trends, lag = {name: Trend.of(levels) for name, levels in sorted(points.items())}, Trend.of(behind)
        self._said += said(trends, lag)
        return (*ended, *unseen(points), *too_slow(sent, self.per_second), *not_flat(trends, lag))

    def _meanwhile(self, points: Iterable[Point]) -> list[Point]:
        return [point for point in points if self._began <= point[0] <= self._ended]

    def _capacity(self, site: Site) -> float:
        """Events a second of a burst, from the first one offered to the last one stored."""
        before, began = site.stored(), time.monotonic()
        self.per_second = BURST
        time.sleep(BURST_SECONDS)
        self.per_second = 1
        site.settle(DRAIN_SECONDS)
        return (site.stored() - before) / (time.monotonic() - began)


def said(memory: Mapping[str, Trend], lag: Trend) -> list[str]:
    """The levels and the gains, for the report."""
    figures = ", ".join(f"{name} {trend.level:.0f} MiB ({trend.share:+.1%})" for name, trend in memory.items())
    return [f"memory {figures}", f"lag {lag.level:.1f} s ({lag.gain:+.1f} s)"]


def unseen(names: Iterable[str]) -> list[str]:
    """The kinds of processes of which none was observed."""
    seen = list(names)
    return [f"the memory of no {kind} was seen" for kind in KINDS if not any(name.startswith(kind) for name in seen)]


def too_slow(sent: Sequence[Point], rate: int) -> list[str]:
    """Whether, from the first look to the last, less was sent than the rate, or than a run needs to prove anything."""
    (began, before), (ended, after) = sent[0], sent[-1]
    found = (after - before) / (ended - began)
    return [f"only {found:.0f} events/s were sent"] if found < max(LEAST_RATE * rate, LEAST_PER_SECOND) else []


def not_flat(memory: Mapping[str, Trend], lag: Trend) -> list[str]:
    """What has grown by more than is allowed."""
    wrong = [
        f"the memory of {name} has grown by {trend.share:.0%}"
        for name, trend in memory.items()
        if trend.share > MOST_SHARE
    ]
    return [*wrong, f"the lag has grown by {lag.gain:.0f} s"] if lag.gain > MOST_LAG_SECONDS else wrong
