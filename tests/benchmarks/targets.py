"""The targets, and whether a run meets them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from tests.benchmarks.contest import COMPLETE
from tests.benchmarks.history import NEW
from tests.benchmarks.peers.contenders import PLAIN_FAUST, TOUCHLINE
from tests.benchmarks.results import Table
from tests.benchmarks.section import Cell, Row

MILLION: Final = 1e6
Rows = Mapping[str, Sequence[Mapping[str, Cell]]]
"""By section, its rows by column."""


class Target(msgspec.Struct, frozen=True):
    """A measured figure, with the value that it must reach and the one that it should reach."""

    name: str
    must: float
    aim: float
    measured: float

    @property
    def verdict(self) -> str:
        """Which value is met; `aim` above `must` means that more is better, and below it that less is."""
        sign = 1 if self.aim > self.must else -1
        if sign * self.measured >= sign * self.aim:
            return "aim"
        return "must" if sign * self.measured >= sign * self.must else "missed"


def targets(tables: Sequence[Table]) -> Table:
    """The targets for which the tables have figures."""
    rows: Rows = {table.key: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for table in tables}
    found = [*_throughput(rows.get("contest", [])), *_latency(rows.get("latency", []))]
    found += [*_memory(rows.get("memory", [])), *_history(rows.get("history", []))]
    return Table(
        key="targets",
        title="Targets",
        method="One worker doing the complete job, unless it says otherwise.",
        columns=("target", "must", "aim", "measured", "met"),
        rows=tuple(_row(each) for each in found),
    )


def _row(target: Target) -> Row:
    return (target.name, target.must, target.aim, target.measured, target.verdict)


def _throughput(rows: Sequence[Mapping[str, Cell]]) -> Iterator[Target]:
    rates = {(str(row["contender"]), str(row["job"])): _number(row["events/s"]) for row in rows}
    complete = {name: rate for (name, job), rate in rates.items() if job == COMPLETE}
    if not complete:
        return
    one, *more = complete.values()
    ours = max(rate for (name, _), rate in rates.items() if name == TOUCHLINE.name)
    plain = max(rate for (name, _), rate in rates.items() if name == PLAIN_FAUST.name)
    yield Target("events/s", 20_000, 50_000, one)
    yield Target("of plain Faust, which only counts", 3, 8, one / plain)
    known = (PLAIN_FAUST.name, TOUCHLINE.name, *complete)
    for (name, job), rate in rates.items():
        if name not in known:
            yield Target(f"of {name}, {job}", 0.5, 1, one / rate)
            yield Target(f"our transport, counting, of {name}, {job}", 2, 4, ours / rate)
    for rate in more:
        yield Target("two workers, of one", 1.5, 1.9, rate / one)


def _latency(rows: Sequence[Mapping[str, Cell]]) -> Iterator[Target]:
    for row in rows:
        if str(row["load"]).startswith("50%"):
            yield Target("sent → visible at half the capacity, p50, s", 1, 0.5, _number(row["visible p50, s"]))
            yield Target("sent → visible at half the capacity, p99, s", 3, 1.5, _number(row["visible p99, s"]))
            yield Target("sent → friction counted, p99, s", 1, 0.3, _number(row["counter p99, s"]))


def _memory(rows: Sequence[Mapping[str, Cell]]) -> Iterator[Target]:
    if rows:
        last = rows[-1]
        name = f"memory with {last['mailboxes known']:,} mailboxes known and {last['active']:,} active, MiB"
        yield Target(name, 1_536, 614, _number(last["resident MiB"]))


def _history(rows: Sequence[Mapping[str, Cell]]) -> Iterator[Target]:
    """Growth from one to a hundred million touchpoints, by a straight line over the logarithm that fits the figures."""
    for people in dict.fromkeys(str(row["events of people"]) for row in rows):
        chosen = [row for row in rows if row["events of people"] == people]
        places = [math.log10(_number(row["touchpoints stored"])) for row in chosen]
        costs = [_number(row["both"]) for row in chosen]
        if len(chosen) > 1:
            slope, at_zero = _line(places, costs)
            small, large = (at_zero + slope * math.log10(size * MILLION) for size in (1, 100))
            whose = "new" if people == NEW else "returning"
            name = f"CPU per event of {whose} people, 100 million touchpoints stored instead of 1 (extrapolated), %"
            yield Target(name, 20, 5, (large / small - 1) * 100)


def _line(places: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Slope and value at zero of the straight line that fits best, by least squares."""
    middle, mean = sum(places) / len(places), sum(values) / len(values)
    over = sum((place - middle) ** 2 for place in places)
    slope = sum((place - middle) * (value - mean) for place, value in zip(places, values, strict=True)) / over
    return slope, mean - slope * middle


def _number(cell: Cell) -> float:
    assert isinstance(cell, int | float)
    return cell
