"""The list of dead letters on a terminal of 80 columns."""

import sys
from datetime import UTC, datetime

import pytest

from pipeline.adapters.clickhouse.letters import LetterRow, ReasonRow
from pipeline.cli.commands.dead_letters import _letters, _reasons
from pipeline.cli.console import data_table

RECEIVED = datetime(2026, 3, 1, tzinfo=UTC)
LETTER = LetterRow(
    "b262f99007e17675", RECEIVED, "touchpoints.delivery", 3, 7, 0, "unknown_type", "", "delivery.locker_opened", 1, None
)


def test_an_id_can_be_copied(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_a_terminal(monkeypatch)
    data_table(_letters([LETTER]))
    said = capsys.readouterr().out
    assert LETTER.id in said
    assert "…" not in said


def test_reasons_are_not_cut_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_a_terminal(monkeypatch)
    example = "type: 'delivery.locker_opened' is not in the catalogue: add a schema for it, or mend its name"
    data_table(_reasons([ReasonRow("unknown_type", LETTER.type, 1, RECEIVED, example)]))
    assert "…" not in capsys.readouterr().out


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
