"""The job that every contender does: decode an event, count it by its key. Imports nothing of any framework."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import orjson

SESSION_MS: Final = 6_000
"""The shortest session that brokers allow: Tansu makes a joining member wait for half of it."""
KEYED: Final = "keyed"

Clocks = tuple[float, float]
"""Wall time and CPU time of all threads of this process, in seconds."""


class Counting:
    """Counts per key; the clocks run from the end of the first call to the call that completes the number wanted."""

    def __init__(self, events: int, finished: Callable[["Counting"], None]) -> None:
        """`finished` is called once, when `events` are counted."""
        self.counts: dict[str, int] = {}
        self.seen = 0
        self._wanted = events
        self._finished = finished
        self._first = 0
        self._began: Clocks = (0.0, 0.0)
        self._ended: Clocks = (0.0, 0.0)

    def key(self, value: bytes) -> str:
        """Decode an event; returns the key by which it is counted: its first identifier."""
        event: Mapping[str, Mapping[str, Mapping[str, str]]] = orjson.loads(value)
        return next(iter(event["data"]["identifiers"].values()))

    def one(self, value: bytes) -> None:
        """Count one event."""
        key = self.key(value)
        self.counts[key] = self.counts.get(key, 0) + 1
        self.counted()

    def many(self, values: Sequence[bytes]) -> None:
        """Count a batch; the clocks are read after it."""
        for value in values:
            key = self.key(value)
            self.counts[key] = self.counts.get(key, 0) + 1
        self.counted(len(values))

    def counted(self, events: int = 1) -> None:
        """Note events that were counted, here or elsewhere, and read the clocks if they are the first or the last."""
        before, self.seen = self.seen, self.seen + events
        if not before:
            self._first, self._began = self.seen, _now()
        if self.seen >= self._wanted > before:
            self._ended = _now()
            self._finished(self)

    def report(self) -> str:
        """The events between the two readings of the clocks, with their seconds of wall and of CPU time."""
        wall, used = (end - start for end, start in zip(self._ended, self._began, strict=True))
        return f"{self.seen - self._first} {wall:.6f} {used:.6f}"


@dataclass(frozen=True)
class Task:
    """A contender's command line."""

    broker: str
    topic: str
    events: int
    keyed: bool

    @classmethod
    def given(cls) -> Self:
        """Read `BROKER TOPIC EVENTS [keyed]`."""
        broker, topic, events, *how = sys.argv[1:]
        return cls(broker, topic, int(events), how == [KEYED])

    def counting(self) -> Counting:
        """A `Counting` that, when done, reports and ends the process: how a framework shuts down is not measured."""
        return Counting(self.events, _report_and_end)


def _report_and_end(counting: Counting) -> None:
    print(counting.report(), flush=True)
    os._exit(0)


def _now() -> Clocks:
    return time.perf_counter(), time.process_time()
