"""What `touchline doctor` finds on a machine."""

import subprocess
from pathlib import Path

import pytest

from pipeline.cli import checkup
from pipeline.cli.checkup import Verdict, check_up
from pipeline.cli.context import Context
from tests.closed import close


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_is_no_data_directory(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = checkup._data_directory(tmp_path / name)
    assert (found.verdict, found.detail) == (Verdict.PROBLEM, f"{file} is no directory")


def test_a_data_directory_that_may_not_be_entered_is_a_finding_among_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_DATA", str(tmp_path / "data"))
    close(tmp_path, monkeypatch)
    found = {check.name: check for check in check_up(Context())}
    assert "Permission denied" in found["secret"].detail
    assert "event types" in found


def test_an_engine_that_does_not_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(command: list[str]) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(command, checkup.PROCESS_SECONDS)

    monkeypatch.setattr(checkup, "_answer_of", slow)
    assert checkup._engine().verdict is Verdict.PROBLEM


def test_an_address_that_is_none_is_a_finding_among_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_DATA", str(tmp_path))
    monkeypatch.setenv("TOUCHLINE_BROKER", "a b")
    monkeypatch.setenv("TOUCHLINE_CLICKHOUSE", "https://127.0.0.1:9?ca_file=nowhere.pem")
    found = {check.name: check for check in check_up(Context())}
    assert (found["broker"].verdict, found["broker"].remedy) == (Verdict.PROBLEM, "mend the address")
    assert "ca_file: nowhere.pem cannot be read" in found["ClickHouse"].detail
    assert any(name.startswith("port ") for name in found)
