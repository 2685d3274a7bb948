"""Clocks: events per second of wall time, and CPU time of processes."""

import os
import statistics
from pathlib import Path

import msgspec

_TICKS = os.sysconf("SC_CLK_TCK")


class Measured(msgspec.Struct, frozen=True):
    """One run of one contender."""

    events: int
    """Events between the first and the last look at the clock."""
    seconds: float
    cpu_seconds: float
    """Of the contender's own process."""
    sink_cpu_seconds: float = 0.0
    """Of the ClickHouse endpoint."""

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


def cpu_seconds(process_id: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def median(runs: list[Measured]) -> Measured:
    """The run with the median rate."""
    rates = sorted(run.rate for run in runs)
    wanted = statistics.median_low(rates)
    return next(run for run in runs if run.rate == wanted)
