"""The stages run alone, and samples of a worker find their stage."""

from tests.benchmarks import lengths, profile
from tests.benchmarks.in_process import kafka_records
from tests.benchmarks.load import retail_records
from tests.benchmarks.scale import TINY
from tests.benchmarks.section import Bench
from tests.benchmarks.stages import STAGES, pure


def test_every_stage_that_needs_no_store_takes_time() -> None:
    times = pure(kafka_records(retail_records(TINY.stage_events)))
    assert set(times) < set(STAGES)
    assert all(watch.cpu_seconds > 0 for watch in times.values())


def test_every_length_of_history_is_measured() -> None:
    rows = lengths.measure(Bench(TINY, None))
    assert [row[0] for row in rows] == [1, 10]
    assert all(isinstance(row[2], float) and row[2] > 0 for row in rows)


def test_a_sample_counts_for_the_stage_that_was_entered_last() -> None:
    raw = (
        "run (faust/app.py);take (agents/stitch.py);process (pipeline/stitching/stitcher.py);"
        "fold (pipeline/journeys/fold.py);key (pipeline/events/event.py) 3\n"
        "run (faust/app.py);take (pipeline/events/intake.py) 2\n"
        "start (threading.py) 1\n"
        "start (threading.py);_worker (concurrent/futures/thread.py) 9\n"
        "run (asyncio/base_events.py);EpollSelector.select (selectors.py) 9\n"
    )
    stacks = profile.stacks_of(raw)
    assert [(profile.stage_of(stack), seen) for stack, seen in stacks.items()] == [
        ("fold", 3),
        ("intake", 2),
        ("other", 1),
    ]


def test_without_the_sampler_the_profile_is_left_out() -> None:
    bench = Bench(TINY, None)
    assert profile.measure(bench) == []
    assert profile.functions(bench) == []
