"""The clocks and what is made of them."""

import os
import time

from tests.benchmarks.measuring import Measured, Stopwatch, cpu_seconds, median, percentile, resident_mebibytes


def test_medians_are_taken_each_for_itself() -> None:
    fast, slow = Measured(1_000, 1.0, 0.3), Measured(1_000, 4.0, 0.1)
    middle = median([fast, slow, Measured(1_000, 2.0, 0.2)])
    assert round(middle.rate) == 500
    assert round(middle.cpu_microseconds) == 200


def test_percentiles_are_nearest_ranks() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [percentile(values, 50), percentile(values, 99), percentile(values, 100)] == [50.0, 99.0, 100.0]
    assert percentile([7.0], 1) == 7.0


def test_a_stopwatch_adds_up_what_happens_while_it_is_entered() -> None:
    watch = Stopwatch(os.getpid())
    for _ in range(2):
        with watch:
            _work(0.03)
    before = watch.cpu_seconds
    _work(0.03)
    assert before == watch.cpu_seconds >= 0.06
    assert watch.seconds >= watch.cpu_seconds * 0.9
    assert watch.other_cpu_seconds > 0


def test_processes_are_looked_at() -> None:
    assert cpu_seconds(os.getpid()) > 0
    resident, highest = resident_mebibytes(os.getpid())
    assert 10 < resident <= highest


def _work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
