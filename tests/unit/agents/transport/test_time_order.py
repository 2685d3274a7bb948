"""Up to which time partitions are read that are read side by side."""

import math

import pytest

from agents.transport.time_order import OVERDUE_MS, PATIENCE_SECONDS, Front, TimeOrder

LATER = PATIENCE_SECONDS


def order(**reached: float) -> TimeOrder[str]:
    """One whose partitions have got that far, at second 0."""
    made: TimeOrder[str] = TimeOrder()
    for partition, latest in reached.items():
        made.moved(partition, latest, 0)
    return made


def test_nothing_to_come_sets_no_limit() -> None:
    assert order().until({}, 0) == math.inf


def test_the_least_known_partition_sets_the_limit() -> None:
    assert order().until({"web": Front(30, is_ready=True), "store": Front(900, is_ready=True)}, 0) == 30


def test_a_partition_that_is_waited_for_holds_the_others_at_its_time_for_a_while() -> None:
    progress = order(web=30)
    fronts = {"web": Front(progress.reached("web"), is_ready=False), "store": Front(900, is_ready=True)}
    assert [progress.until(fronts, now) for now in (0, LATER - 0.1, LATER)] == [30, 30, 900]


def test_a_partition_that_was_never_read_is_waited_for_from_the_first_look() -> None:
    progress = order()
    fronts = {"web": Front(progress.reached("web"), is_ready=False), "store": Front(900, is_ready=True)}
    assert [progress.until(fronts, now) for now in (5, 5 + LATER - 0.1, 5 + LATER)] == [-math.inf, -math.inf, 900]


def test_one_that_can_be_read_is_waited_for_however_old() -> None:
    assert order(web=30).until({"web": Front(30, is_ready=True)}, 1_000) == 30


def test_a_partition_within_the_limit_is_read_up_to_it() -> None:
    assert order().own_until("store", until=30, first=30, now=0) == 30


@pytest.mark.parametrize(("now", "until"), [(LATER - 0.1, 30), (LATER, 900 + OVERDUE_MS)])
def test_a_partition_that_is_held_up_is_read_on_a_little_after_a_while(now: float, until: float) -> None:
    progress = order()
    assert progress.own_until("store", until=30, first=900, now=0) == 30
    assert progress.own_until("store", until=30, first=900, now=now) == until


def test_that_little_is_read_at_once_however_many_batches_it_makes() -> None:
    progress, allowed = order(), 900 + OVERDUE_MS
    for now in (0, LATER):
        progress.own_until("store", until=30, first=900, now=now)
    assert progress.own_until("store", until=40, first=901, now=LATER) == allowed
    assert progress.own_until("store", until=40, first=allowed, now=LATER) == allowed
    assert progress.own_until("store", until=40, first=allowed + 1, now=2 * LATER) == allowed
    assert progress.own_until("store", until=40, first=allowed + 1, now=3 * LATER) == allowed + 1 + OVERDUE_MS


def test_what_was_within_the_limit_meanwhile_is_held_up_anew() -> None:
    progress = order()
    progress.own_until("store", until=30, first=900, now=0)
    progress.own_until("store", until=900, first=900, now=1)
    assert progress.own_until("store", until=900, first=901, now=LATER) == 900
