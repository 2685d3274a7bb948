import pytest

from agents.watchdog import Watchdog
from pipeline.adapters.clock import steady_clock

MINUTE = 60_000


def watchdog() -> Watchdog:
    return Watchdog(poll_limit_ms=MINUTE, rebalance_limit_ms=3 * MINUTE)


def test_a_partition_that_is_answered_for_is_fine() -> None:
    dog = watchdog()
    for now in range(1, 10 * MINUTE, MINUTE):
        assert dog.look(now, False, {"p": now - 100}) == ""


def test_a_partition_without_an_answer_has_stalled() -> None:
    dog = watchdog()
    assert dog.look(1, False, {"p": 1, "q": 1}) == ""
    assert dog.look(MINUTE, False, {"p": 1, "q": MINUTE}) == ""
    assert dog.look(MINUTE + 2, False, {"p": 1, "q": MINUTE}) == "the broker has answered no fetch of p for 60 s"


def test_of_several_stalled_partitions_one_is_named() -> None:
    dog = watchdog()
    assert dog.look(1, False, {"p": 1, "q": 1, "r": 1}) == ""
    said = dog.look(2 * MINUTE, False, {"p": 1, "q": 1, "r": 1})
    assert said == "the broker has answered no fetch of p for 119 s, nor of 2 others"


def test_a_partition_that_was_never_answered_for_has_a_limit_from_the_assignment_on() -> None:
    dog = watchdog()
    assert dog.look(1, True, {}) == ""
    assert dog.look(2 * MINUTE, False, {"p": None}) == ""
    assert dog.look(3 * MINUTE, False, {"p": None}) == ""
    assert "p" in dog.look(3 * MINUTE + 1, False, {"p": None})


def test_a_rebalance_may_last_a_while_and_not_for_ever() -> None:
    dog = watchdog()
    assert dog.look(1, True, {"p": 1}) == ""
    assert dog.look(3 * MINUTE, True, {"p": 1}) == ""
    assert dog.look(3 * MINUTE + 2, True, {"p": 1}) == "a rebalance has lasted for 180 s"


def test_rebalances_do_not_add_up() -> None:
    dog = watchdog()
    for start in range(1, 10 * MINUTE, 2 * MINUTE):
        assert dog.look(start, True, {}) == ""
        assert dog.look(start + MINUTE, False, {"p": start}) == ""


def test_a_partition_that_need_not_be_asked_for_is_not_missed() -> None:
    dog = watchdog()
    assert dog.look(1, False, {}) == ""
    assert dog.look(100 * MINUTE, False, {}) == ""


def test_a_partition_has_its_limit_again_after_a_long_time_in_flight() -> None:
    dog = watchdog()
    assert dog.look(1, False, {"p": 1}) == ""
    assert dog.look(MINUTE, False, {}) == ""
    assert dog.look(2 * MINUTE, False, {"p": 1}) == ""
    assert dog.look(3 * MINUTE, False, {"p": 1}) == ""
    assert "p" in dog.look(3 * MINUTE + 1, False, {"p": 1})


@pytest.mark.parametrize("jump", [-1_000 * MINUTE, 1_000 * MINUTE])
def test_a_wall_clock_that_is_set_is_no_stall(jump: int) -> None:
    dog = watchdog()
    wall = 50_000 * MINUTE
    assert dog.look(0, False, {"p": wall}) == ""
    for now in range(10_000, 5 * MINUTE, 10_000):
        assert dog.look(now, False, {"p": wall + jump + now}) == ""
    assert "p" in dog.look(6 * MINUTE, False, {"p": wall + jump + 5 * MINUTE - 10_000})


def test_the_worker_watches_by_a_clock_that_does_not_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    before = steady_clock()
    monkeypatch.setattr("time.time_ns", lambda: 0)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert before <= steady_clock() < before + MINUTE
