"""What a worker makes of the state of its group."""

from types import SimpleNamespace

import pytest

from agents.group import WorkerGroup


@pytest.mark.parametrize(
    ("rebalancing", "stopping", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
def test_nothing_new_begins_in_a_rebalance_or_a_stop(rebalancing: bool, stopping: bool, expected: bool) -> None:
    app = SimpleNamespace(rebalancing=rebalancing, should_stop=stopping)
    assert WorkerGroup(app).rebalancing is expected
