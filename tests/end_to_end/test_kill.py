"""Workers killed outright in the middle of an import: the same views as without.

Two workers, killed in turn: a worker that died often is started again after ever longer pauses, and meanwhile the other
one takes its partitions over.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.views import Views, read_views
from tests.servers.stack import StackProcess

pytestmark = [pytest.mark.stack, pytest.mark.data, pytest.mark.slow, pytest.mark.timeout(1500)]

WORKERS = 2
KILLS = 10
SHARE = 26
"""A kill comes whenever so large a fraction of all events was stored since the one before, and both workers run."""
BUSY_KILLS = KILLS // 2
"""So many must come before everything is stored. A single group can be a seventh of all, and in a fast hour one worker
stores the rest while the other waits to be started again."""
PROGRESS_SECONDS = 180.0


def test_ten_kills_change_nothing(olist_views: Views, olist_directory: Path, tmp_path: Path) -> None:
    total = len(olist_views["touchpoints"])
    with StackProcess(tmp_path / "data", workers=WORKERS) as stack:
        stack.done("import", "olist", str(olist_directory))
        for kill in range(KILLS):
            stored = wait_for(stack, (kill + 1) * total // SHARE)
            assert stored < total or kill >= BUSY_KILLS, f"everything was stored before kill {kill + 1}"
            os.kill(stack.worker_process_ids()[kill % WORKERS], signal.SIGKILL)
        stack.settle()
        assert stack.output().count("ended by signal 9; starting it again") == KILLS, stack.output()
        assert read_views(stack) == olist_views


def wait_for(stack: StackProcess, events: int) -> int:
    """Wait until so many events are stored and a worker runs; returns how many are."""
    deadline = time.monotonic() + PROGRESS_SECONDS
    while True:
        ((stored,),) = stack.rows("SELECT count() FROM touchpoints")
        if stored >= events and len(stack.worker_process_ids()) == WORKERS:
            return int(stored)
        assert time.monotonic() < deadline, f"stuck at {stored} of {events} events\n{stack.output()}"
        time.sleep(0.2)
