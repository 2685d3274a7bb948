"""Data directories that the engine cannot use."""

import fcntl
from pathlib import Path

import pytest

from pipeline.adapters.clickhouse.endpoint.engine import DataDirectoryError, Engine


@pytest.mark.parametrize("mark", "?&=%")
def test_a_name_that_the_engine_would_misread_is_refused(tmp_path: Path, mark: str) -> None:
    with pytest.raises(DataDirectoryError, match=r"with \?, &, = or % in its name"):
        Engine(tmp_path / f"a{mark}b")


def test_a_directory_of_another_process_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "endpoint.lock").open("w") as other:
        other.write("42")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DataDirectoryError, match=r"in use by another process \(process id 42\)"):
            Engine(tmp_path)
