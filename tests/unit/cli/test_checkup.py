"""What `touchline doctor` finds on a machine."""

import subprocess
from pathlib import Path

import pytest

from pipeline.cli import checkup
from pipeline.cli.checkup import Verdict


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_is_no_data_directory(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = checkup._data_directory(tmp_path / name)
    assert (found.verdict, found.detail) == (Verdict.PROBLEM, f"{file} is no directory")


def test_an_engine_that_does_not_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(command: list[str]) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(command, checkup.PROCESS_SECONDS)

    monkeypatch.setattr(checkup, "_answer_of", slow)
    assert checkup._engine().verdict is Verdict.PROBLEM
