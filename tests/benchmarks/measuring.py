"""Clocks: events per second of wall time, and CPU time and memory of processes."""

import gc
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

_TICKS = os.sysconf("SC_CLK_TCK")


class Measured(msgspec.Struct, frozen=True):
    """One run of one contender."""

    events: int
    """Events between the two readings of the clock."""
    seconds: float
    cpu_seconds: float
    """CPU time of the contender's own processes."""
    sink_cpu_seconds: float = 0.0
    """CPU time of the ClickHouse endpoint."""

    @property
    def rate(self) -> float:
        """Events per second of wall time."""
        return self.events / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU time of the contender per event."""
        return self.cpu_seconds / self.events * 1e6

    @property
    def sink_cpu_microseconds(self) -> float:
        """CPU time of the endpoint per event."""
        return self.sink_cpu_seconds / self.events * 1e6


class Stopwatch:
    """CPU time of this process, and of another one if given, between entering and leaving; times add up."""

    def __init__(self, other_process_id: int | None = None) -> None:
        self.seconds = self.cpu_seconds = self.other_cpu_seconds = 0.0
        self._other = other_process_id
        self._began = (0.0, 0.0, 0.0)

    def __enter__(self) -> Self:
        gc.collect()  # garbage from before must not count
        self._began = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        wall, own, other = (end - start for end, start in zip(self._now(), self._began, strict=True))
        self.seconds += wall
        self.cpu_seconds += own
        self.other_cpu_seconds += other

    def _now(self) -> tuple[float, float, float]:
        other = cpu_seconds(self._other) if self._other is not None else 0.0
        return time.perf_counter(), time.process_time(), other


def cpu_seconds(process_id: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mebibytes(process_id: int) -> tuple[float, float]:
    """Resident memory of a process now, and its highest so far."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    fields = {name: text for name, _, text in (line.partition(":") for line in lines)}
    now, highest = (int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, highest


def median(runs: Sequence[Measured]) -> Measured:
    """Separate medians of rate and of CPU time, for the number of events of the first run."""
    events = runs[0].events
    return Measured(
        events=events,
        seconds=events / statistics.median(run.rate for run in runs),
        cpu_seconds=events * statistics.median(run.cpu_microseconds for run in runs) / 1e6,
        sink_cpu_seconds=events * statistics.median(run.sink_cpu_microseconds for run in runs) / 1e6,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]
