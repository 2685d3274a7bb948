"""What a demo must not remove."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.adapters.stack.state import DataDirectoryLock
from pipeline.cli.main import touchline


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "demo"


def demo(directory: Path) -> Result:
    return CliRunner().invoke(
        touchline, ["demo", "--people", "10", "--exit"], env={"TOUCHLINE_DATA": str(directory.parent)}
    )


def test_files_of_others_stay(directory: Path) -> None:
    directory.mkdir()
    (directory / "thesis.txt").write_text("precious")
    result = demo(directory)
    assert result.exit_code == 1
    assert "'thesis.txt'" in result.output
    assert (directory / "thesis.txt").read_text() == "precious"


def test_a_demo_that_is_starting_keeps_its_data(directory: Path) -> None:
    lock = DataDirectoryLock(directory)
    try:
        result = demo(directory)
        assert result.exit_code == 1
        assert f"a demo is running already, on {directory}, process {os.getpid()}\n" in result.output
        assert (directory / "up.lock").exists()
    finally:
        lock.release()
