"""Exit statuses and errors of the command line."""

import errno
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.cli import main as main_module
from pipeline.cli.registry import COMMANDS


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main_module.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert __version__ in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert [entry.name for entry in COMMANDS if f"  {entry.name} " not in shown] == []


@pytest.mark.parametrize("command", [entry.name for entry in COMMANDS])
def test_every_command_has_help_and_takes_a_configuration(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    shown = capsys.readouterr().out
    assert f"Usage: touchline {command}" in shown
    assert "--config" in shown


@pytest.mark.parametrize("command", ["list", "show", "replay"])
def test_commands_below_a_command_take_a_configuration_too(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dead-letters", command, "--config", "none.toml") == 2
    assert run("dead-letters", command, "--help") == 0
    assert "--config" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("stats") == 2
    assert "Did you mean 'status'?" in capsys.readouterr().err


def test_an_unknown_option_is_wrong_usage() -> None:
    assert run("up", "--nonsense") == 2


def test_settings_that_cannot_be_used_are_wrong_usage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_WORKER", "3")
    assert run("config") == 2
    error = capsys.readouterr().err
    assert "did you mean TOUCHLINE_WORKERS?" in error
    assert "Traceback" not in error


def test_an_unexpected_error_is_one_message_without_a_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(main_module.touchline, "main", fail)
    assert run("status") == 1
    error = capsys.readouterr().err
    assert "unexpected KeyError" in error
    assert "touchline --trace status" in error
    assert "Traceback" not in error


def test_a_place_that_may_not_be_entered_is_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(main_module.touchline, "main", refused)
    assert run("demo") == 1
    error = capsys.readouterr().err
    assert f"error: {tmp_path}: Permission denied" in error
    assert "fault" not in error


def test_config_prints_values_with_their_origin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_JOURNEYS__JOURNEY_GAP", "3d")
    monkeypatch.setenv("TOUCHLINE_SECRET", "do not show me this key")
    assert run("config", "--changed") == 0
    captured = capsys.readouterr()
    lines = [line.split() for line in captured.out.splitlines()]
    assert ["journeys.journey_gap", "TOUCHLINE_JOURNEYS__JOURNEY_GAP", '"3d"'] in lines
    assert ["secret", "TOUCHLINE_SECRET", '"***"'] in lines
    assert "do not show me" not in captured.out + captured.err
