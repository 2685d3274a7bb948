"""The short version of the fault suite, for continuous integration; `make chaos` runs all of it."""

from pathlib import Path

import pytest

from tests.chaos.faults.mixed import Mixed
from tests.chaos.run import Scale, run
from tests.servers.kafka_jars import why_no_kafka

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.skipif(bool(why_no_kafka()), reason=why_no_kafka() or "there is a Kafka")
def test_workers_and_a_broker_killed_under_load_change_no_row(tmp_path: Path) -> None:
    outcome = run(Mixed(), tmp_path / "site", Scale(), print)
    assert outcome.right, outcome
    assert not outcome.skipped
    assert outcome.sent > 1_000
    assert outcome.worker_starts > 2
