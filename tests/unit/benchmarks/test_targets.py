"""Targets: which figure of a run is compared with what."""

import pytest

from tests.benchmarks import contest, history, latency, memory
from tests.benchmarks.results import Table, table_of
from tests.benchmarks.section import Cell, Section
from tests.benchmarks.targets import Target, targets


def table(section: Section, *rows: dict[str, Cell]) -> Table:
    return table_of(section, [tuple(row.get(column, 0.0) for column in section.columns) for row in rows])


@pytest.mark.parametrize(
    ("must", "aim", "measured", "verdict"),
    [(3, 8, 9, "aim"), (3, 8, 3, "must"), (3, 8, 2.9, "missed"), (3, 1.5, 1, "aim"), (3, 1.5, 3.1, "missed")],
)
def test_the_order_of_must_and_aim_says_what_is_better(must: float, aim: float, measured: float, verdict: str) -> None:
    assert Target("any", must, aim, measured).verdict == verdict


def test_throughput_is_compared_with_every_peer() -> None:
    measured = table(
        contest.SECTION,
        {"contender": "plain Faust", "job": "counting in a dict", "events/s": 5_000.0},
        {"contender": "Touchline's transport", "job": "counting in a dict", "events/s": 160_000.0},
        {"contender": "bytewax", "job": "counting in a dict", "events/s": 80_000.0},
        {"contender": "Touchline, 1 worker", "job": "the complete job", "events/s": 20_000.0},
        {"contender": "Touchline, 2 workers", "job": "the complete job", "events/s": 34_000.0},
    )
    assert [(row[0], row[3], row[4]) for row in targets([measured]).rows] == [
        ("events/s", 20_000.0, "must"),
        ("of plain Faust, which only counts", 4.0, "must"),
        ("of bytewax, counting in a dict", 0.25, "missed"),
        ("our transport, counting, of bytewax, counting in a dict", 2.0, "must"),
        ("two workers, of one", 1.7, "must"),
    ]


def test_latency_is_that_at_half_the_capacity_and_memory_the_last() -> None:
    loads = table(
        latency.SECTION,
        {"load": "20% of capacity", "visible p50, s": 9.0},
        {"load": "50% of capacity", "visible p50, s": 0.4, "visible p99, s": 2.0, "counter p99, s": 1.5},
    )
    sizes = table(memory.SECTION, {"resident MiB": 100.0}, {"mailboxes known": 7, "active": 2, "resident MiB": 700.0})
    assert [row[3:] for row in targets([loads, sizes]).rows] == [
        (0.4, "aim"),
        (2.0, "must"),
        (1.5, "missed"),
        (700.0, "must"),
    ]


def test_growth_is_extrapolated_over_the_logarithm() -> None:
    costs = {10_000: 80.0, 100_000: 90.0, 1_000_000: 100.0}
    rows: list[dict[str, Cell]] = [
        {"touchpoints stored": size, "events of people": history.NEW, "both": cost} for size, cost in costs.items()
    ]
    grown = table(history.SECTION, *rows)
    (row,) = targets([grown]).rows
    assert row[3] == pytest.approx(20.0)
