"""What a worker makes of the state of its group."""

from types import SimpleNamespace

import pytest
from faust.types import TP

from agents.app import WorkerApp
from agents.group import WorkerGroup, follow
from agents.ownership import Membership, Ownership
from agents.transport.driver import SCHEME, register


@pytest.mark.parametrize(
    ("rebalancing", "stopping", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
def test_nothing_new_begins_in_a_rebalance_or_a_stop(rebalancing: bool, stopping: bool, expected: bool) -> None:
    app = SimpleNamespace(rebalancing=rebalancing, should_stop=stopping)
    assert WorkerGroup(app).rebalancing is expected


def test_a_worker_without_a_name_in_the_group_has_not_joined() -> None:
    names = iter(["faust-1", ""])
    app = SimpleNamespace(consumer=SimpleNamespace(member=lambda: next(names)))
    assert [WorkerGroup(app).joined, WorkerGroup(app).joined] == [True, False]


async def test_an_assignment_is_known_by_the_name_that_the_group_gave() -> None:
    register()
    app = WorkerApp("group", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False)
    ownership = Ownership()
    follow(app, ownership)
    app.consumer_generation_id = 3
    coordinator = SimpleNamespace(member_id="faust-1")
    app.consumer._thread._consumer = SimpleNamespace(_coordinator=coordinator)
    await app.on_partitions_assigned.send({TP("touchline.mail", 1), TP("touchpoints.web", 2)})
    handover = ownership.handover()
    assert handover is not None
    assert handover.membership == Membership("faust-1", 3)
    assert handover.gained == {1}
