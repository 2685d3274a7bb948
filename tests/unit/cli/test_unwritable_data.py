"""A data directory that takes nothing."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.stack.plan import StackPlan
from pipeline.cli import stack
from pipeline.cli.context import Context
from pipeline.cli.errors import CommandError
from pipeline.cli.stack import run, stack_plan
from pipeline.settings.model import Settings


def test_a_log_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    plan = StackPlan(settings=Settings(), data=tmp_path, config=None, secret_file=None, environment={})
    with pytest.raises(CommandError, match="logs cannot be written: File exists") as caught:
        run(plan)
    assert "TOUCHLINE_DATA" in caught.value.remedy


def test_a_full_disk_is_said_and_no_half_secret_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("TOUCHLINE_DATA", str(tmp_path))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        stack_plan(Context())
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_not_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> bool:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(stack, "run_to_the_end", refused)
    plan = StackPlan(settings=Settings(), data=tmp_path, config=None, secret_file=None, environment={})
    with pytest.raises(ConnectionRefusedError):
        run(plan)
