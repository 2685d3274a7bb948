"""What an event costs as more and more touchpoints are stored."""

import asyncio
import statistics
from typing import Final

from tests.benchmarks.ballast import Ballast, take_in
from tests.benchmarks.load import Record, day_of_people, of_other_people, record_of
from tests.benchmarks.measuring import Stopwatch
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import Database, new_database, new_endpoint

RETURNING: Final = "who were here the day before"
NEW: Final = "who were never here"


def measure(bench: Bench) -> list[Row]:
    """Grow one store step by step, and take events in at each step."""
    sizes, runs = bench.scale.history, bench.scale.runs
    with new_endpoint() as endpoint, new_database(endpoint) as database:
        for group in range(len(sizes) * runs):
            asyncio.run(take_in(database, _day(bench, 0, group)))
        ballast = Ballast(database)
        rows: list[Row] = []
        for step, size in enumerate(sizes):
            stored = ballast.grow(size)
            bench.say(f"{stored:,} touchpoints are stored")
            groups = range(step * runs, (step + 1) * runs)
            rows.append(_row(stored, RETURNING, [_taken_in(database, _day(bench, 1, group)) for group in groups]))
            newcomers = range(step * runs + len(sizes) * runs, (step + 1) * runs + len(sizes) * runs)
            rows.append(_row(stored, NEW, [_taken_in(database, _day(bench, 1, group)) for group in newcomers]))
    return sorted(rows, key=lambda row: row[1] == NEW)


def _day(bench: Bench, number: int, group: int) -> list[Record]:
    """A day of one of many populations that differ only in their identifiers."""
    return [record_of(of_other_people(event, group)) for event in day_of_people(bench.scale.history_events, number)]


def _taken_in(database: Database, records: list[Record]) -> tuple[float, float, float]:
    """CPU of this process and of the engine, and wall time, in microseconds per event."""
    watch = Stopwatch(database.process_id)
    with watch:
        asyncio.run(take_in(database, records))
    own, sink, wall = (
        seconds / len(records) * 1e6 for seconds in (watch.cpu_seconds, watch.other_cpu_seconds, watch.seconds)
    )
    return own, sink, wall


def _row(stored: int, people: str, runs: list[tuple[float, float, float]]) -> Row:
    own, sink, wall = (statistics.median(values) for values in zip(*runs, strict=True))
    return (stored, people, own, sink, own + sink, wall)


SECTION: Final = Section(
    key="history",
    title="Cost over everything that is stored",
    method="""
        A day of a small population is taken in, in one process and with an empty cache, so that every mailbox is
        loaded; the store holds more and more touchpoints of other customers, spread among them in the order of the
        keys. A load reads the granules of its keys, found by halving: so the cost should grow with the logarithm of
        what is stored, as long as the primary index stays in memory (a mark per 128 rows).
    """,
    columns=(
        "touchpoints stored",
        "events of people",
        "CPU µs/event",
        "ClickHouse CPU µs/event",
        "both",
        "wall µs/event",
    ),
    measure=measure,
    plots=(
        Plot(
            kind="lines",
            x=("touchpoints stored",),
            y=("both",),
            by="events of people",
            label="CPU µs per event",
            log=True,
        ),
    ),
)
