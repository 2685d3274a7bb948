"""The same events in any order, doubled, through one worker or two: the same views, and each friction counted once."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.simulator.simulate import simulate
from tests.end_to_end.counters import check_each_friction_is_counted_once
from tests.end_to_end.views import Views, read_views
from tests.servers.stack import StackProcess

START = 1_772_323_200_000
HOUR = 3_600_000


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_orders_one_worker_and_two_give_identical_views(tmp_path: Path) -> None:
    events = [one.event for one in simulate(seed=5, people=150, start_ms=START, duration_ms=24 * HOUR)]
    assert len(events) > 1_000
    shuffled = [*events, *Random(1).sample(events, len(events) // 5)]
    Random(2).shuffle(shuffled)
    doubled_backwards = [*events, *Random(3).sample(events, len(events) // 5)][::-1]
    in_order, _ = outcome(tmp_path / "in-order", events, workers=1)
    assert all(len(rows) > 50 for rows in in_order.values())
    assert outcome(tmp_path / "backwards", doubled_backwards, workers=1)[0] == in_order
    healed, moved = outcome(tmp_path / "shuffled", shuffled, workers=2)
    assert healed == in_order
    assert moved > 0


def outcome(data: Path, events: list[dict[str, Any]], workers: int) -> tuple[Views, int]:
    """Send the events through a fresh stack, piece by piece: every view, and how many frictions moved."""
    with StackProcess(data, workers=workers, settings={"SECRET": "the same pseudonyms each time"}) as stack:
        third = len(events) // 3
        for piece in (events[:third], events[third : 2 * third], events[2 * third :]):
            stack.send(piece)
            stack.settle()
        return read_views(stack), check_each_friction_is_counted_once(stack)
