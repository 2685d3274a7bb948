"""The lock and the state that a running stack leaves in its data directory."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from pipeline.adapters.stack.state import DataDirectoryInUseError, DataDirectoryLock, StackState, running_state

STATE = StackState(
    pid=1,
    broker="127.0.0.1:9092",
    clickhouse="http://127.0.0.1:8123/touchline",
    metrics=("http://127.0.0.1:6066/metrics",),
    embedded_broker=True,
    embedded_clickhouse=True,
    started_at=1_772_359_200_000,
)


def test_a_second_stack_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    lock = DataDirectoryLock(tmp_path)
    with pytest.raises(DataDirectoryInUseError, match=f"process {os.getpid()}.*--data"):
        DataDirectoryLock(tmp_path)
    lock.release()
    DataDirectoryLock(tmp_path).release()


def test_a_command_that_looks_at_the_lock_keeps_no_stack_from_it(tmp_path: Path) -> None:
    DataDirectoryLock(tmp_path).release()
    with (tmp_path / "up.lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        end = threading.Timer(0.1, fcntl.flock, (looking, fcntl.LOCK_UN))
        end.start()
        DataDirectoryLock(tmp_path).release()
        end.join()


def test_the_state_is_there_for_as_long_as_the_stack_runs(tmp_path: Path) -> None:
    assert running_state(tmp_path) is None
    lock = DataDirectoryLock(tmp_path)
    assert running_state(tmp_path) is None
    lock.publish(STATE)
    assert running_state(tmp_path) == STATE
    lock.release()
    assert running_state(tmp_path) is None


def test_what_a_killed_stack_left_behind_does_not_count(tmp_path: Path) -> None:
    DataDirectoryLock(tmp_path).release()
    (tmp_path / "up.json").write_bytes(b'{"pid": 1}')
    assert running_state(tmp_path) is None
