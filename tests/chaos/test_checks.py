"""A run that proves nothing fails, whatever the tables say."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.chaos.answer import Difference
from tests.chaos.checks import Strike, load_problems, strike_problems, worker_problems
from tests.chaos.fault import Fault
from tests.chaos.faults.clickhouse import HangClickHouse, SlowClickHouse
from tests.chaos.faults.soak import Soak, not_flat, too_slow, unseen
from tests.chaos.load import Load
from tests.chaos.memory import Look, Memory, Process
from tests.chaos.report import Outcome
from tests.chaos.signals import stopped
from tests.chaos.site import Site
from tests.chaos.trend import Trend
from tests.chaos.watch import Sample, Watch
from tests.chaos.workers import WorkerProcess
from tests.servers.processes import state

RIGHT = Difference(lost=0, doubled=0, wrong=0, first="", moved=1)
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


class Quiet(Fault):
    """Does nothing."""

    name = "quiet"
    summary = "nothing"

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Do nothing."""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEPER) as process:
        yield process
        process.kill()


def watch_of(*samples: tuple[float, int, int]) -> Watch:
    watch = Watch("http://127.0.0.1:9", lambda: 0)
    watch.samples += [Sample(*sample) for sample in samples]
    return watch


def load_of(late: int, doubles: int, rejected: list[bytes]) -> Load:
    load = Load(["127.0.0.1:9"], iter(()), lambda: 1)
    load.late, load.doubles, load.rejected = late, doubles, rejected
    return load


def test_a_load_must_hold_what_it_is_there_for() -> None:
    assert list(load_problems(load_of(1, 1, [b"{}"]), RIGHT)) == []
    nothing_moved = RIGHT._replace(moved=0)
    assert len(list(load_problems(load_of(0, 0, []), nothing_moved))) == 4


def test_a_fault_that_stops_all_must_be_seen_to_stop_something() -> None:
    flowing = watch_of(*((at, at + 1, at) for at in range(100)))
    stalled = watch_of(*((at, at + 1, min(at, 20) if at < 60 else at) for at in range(100)))
    strike = Strike(10.0, 70.0)
    assert list(strike_problems(HangClickHouse(), [strike], flowing)) == [
        "strike 1 stopped nothing: the longest stall is 0 s"
    ]
    assert list(strike_problems(HangClickHouse(), [strike], stalled)) == []
    assert list(strike_problems(SlowClickHouse(), [strike], flowing)) == []
    assert list(strike_problems(HangClickHouse(), [Strike(61.0, 99.5)], stalled))[-1] == (
        "nobody saw the recovery from strike 1"
    )


def test_workers_that_end_of_themselves_or_badly_are_told(tmp_path: Path) -> None:
    worker = WorkerProcess(3, {"TOUCHLINE_WEB_PORT": "1"}, tmp_path / "log")
    worker.ends.append(1)
    assert list(worker_problems(Quiet(), [worker], [0, -signal.SIGTERM])) == []
    assert list(worker_problems(HangClickHouse(), [worker], [1])) == [
        "worker 3 ended of itself, with status 1",
        "a worker stopped with status 1",
    ]


def test_a_problem_makes_a_run_wrong_and_stands_in_its_row() -> None:
    outcome = Outcome(name="a", summary="first", problems=("nothing moved",), memory={"worker 0": 120.4, "broker 1": 9})
    assert not outcome.right
    assert outcome.row().startswith("| first; **nothing moved** |")
    assert outcome.row().endswith("| 120 MiB |")


def test_a_trend_leaves_the_first_third_out() -> None:
    warming = [(float(at), 100.0 if at >= 30 else float(at)) for at in range(90)]
    assert Trend.of(warming) == pytest.approx((100.0, 0.0))
    growing = Trend.of([(float(at), 100.0 + at) for at in range(91)])
    assert growing == pytest.approx((160.0, 60.0))
    assert growing.share == pytest.approx(0.375)


def test_what_grows_is_told_and_what_falls_is_not() -> None:
    flat, falling, leaking = Trend(100, 1), Trend(100, -40), Trend(100, 11)
    assert not_flat({"worker 0": flat, "broker 1": falling}, Trend(2, 1)) == []
    assert not_flat({"worker 0": leaking}, Trend(2, 6)) == [
        "the memory of worker 0 has grown by 11%",
        "the lag has grown by 6 s",
    ]


def test_a_longer_soak_is_of_more_people_whose_histories_are_no_longer() -> None:
    assert Soak(seconds=7_200).people == 2 * Soak(seconds=3_600).people > Soak.people


def test_a_soak_at_less_than_its_rate_is_told() -> None:
    assert too_slow([(0.0, 500.0), (5.0, 1_500.0), (10.0, 2_400.0)], 200) == []
    assert too_slow([(0.0, 500.0), (10.0, 2_100.0)], 200) == ["only 160 events/s were sent"]


def test_a_soak_at_a_rate_that_shows_nothing_is_told() -> None:
    assert too_slow([(0.0, 500.0), (10.0, 580.0)], 8) == ["only 8 events/s were sent"]


def test_a_soak_that_has_not_looked_at_a_kind_of_process_is_told() -> None:
    assert unseen(["worker 0", "broker 1", "ClickHouse"]) == []
    assert unseen(["worker 0", "broker 1"]) == ["the memory of no ClickHouse was seen"]


def test_memory_is_told_by_process_and_a_new_one_is_another(sleeper: subprocess.Popen[bytes]) -> None:
    with Memory(lambda: {"worker 0": sleeper.pid, "gone": 2**22 + 1}) as memory:
        time.sleep(0.1)
    (process,) = memory.looks()
    assert process == Process("worker 0", sleeper.pid)
    assert memory.most("worker") > 0
    memory._looks = {
        Process("worker 0", 1): [Look(0, 50.0), Look(1, 80.0)],
        Process("worker 1", 2): [Look(2, 95.0), Look(3, 90.0)],
        Process("broker 1", 3): [Look(0, 200.0)],
    }
    assert (memory.most("worker"), memory.most("worker 0"), memory.most("worker", since=3)) == (95.0, 80.0, 90.0)
    assert (memory.most("worker", until=0), memory.most("collector")) == (50.0, 0.0)


def test_a_process_is_stopped_and_goes_on(sleeper: subprocess.Popen[bytes]) -> None:
    with stopped(sleeper.pid):
        assert state(sleeper.pid) == "T"
    assert state(sleeper.pid) != "T"
