import pytest

from agents.failure import Failure
from agents.health import Health
from agents.ownership import Membership, Ownership
from agents.reach import Reach


class Worker:
    """Everything that health is made of."""

    def __init__(self) -> None:
        self.stopping = False
        self.joined = True
        self.ownership = Ownership()
        self.failure = Failure()
        self.store = Reach(lambda: True)
        self.health = Health(lambda: self.stopping, lambda: self.joined, self.ownership, self.failure, self.store)

    def join(self) -> None:
        self.ownership.assigned([0, 1], Membership("me", 1))

    def take_over(self) -> None:
        handover = self.ownership.handover()
        assert handover is not None
        self.ownership.carried_out(handover)


@pytest.fixture
async def worker() -> Worker:
    return Worker()


async def test_a_worker_is_ready_once_its_partitions_are_taken_over(worker: Worker) -> None:
    assert worker.health.why_not_ready() == "waiting for the consumer group"
    worker.join()
    assert worker.health.why_not_ready() == "taking partitions over"
    worker.take_over()
    assert worker.health.why_not_ready() == ""
    worker.ownership.revoked()
    assert worker.health.why_not_ready() == "waiting for the consumer group"


async def test_a_worker_that_the_group_has_forgotten_is_not_ready_until_it_has_joined_again(worker: Worker) -> None:
    worker.join()
    worker.take_over()
    worker.joined = False
    assert worker.health.why_not_ready() == "joining the consumer group again"
    assert worker.health.why_not_alive() == ""


async def test_an_outage_of_clickhouse_makes_it_wait_and_not_start_afresh(worker: Worker) -> None:
    worker.join()
    worker.take_over()
    worker.store.answers = False
    assert worker.health.why_not_ready() == "waiting for ClickHouse"
    assert worker.health.why_not_alive() == ""


async def test_a_worker_that_stops_takes_no_more_mail(worker: Worker) -> None:
    worker.join()
    worker.take_over()
    worker.stopping = True
    assert worker.health.why_not_ready() == "stopping"
    assert worker.health.why_not_alive() == ""


async def test_a_failure_is_neither_ready_nor_alive(worker: Worker) -> None:
    worker.failure.report("somewhere", RuntimeError("unexpected"))
    assert worker.health.why_not_ready() == worker.health.why_not_alive() == "failed"
