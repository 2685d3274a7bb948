"""Rows of a query on a terminal: whole, however narrow it is."""

import os
import sys

import pytest

from pipeline.cli.commands.query import _tables
from pipeline.cli.console import data_table

NAMES = [f"column_{number}" for number in range(12)]
ROWS = [[f"{row}-{number}-{'x' * 40}" for number in range(12)] for row in range(2)]


def shown(names: list[str], rows: list[list[str]]) -> None:
    for table in _tables(names, rows):
        data_table(table)


def test_many_columns_stand_below_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal(monkeypatch)
    shown(NAMES, ROWS)
    said = capsys.readouterr().out
    lines = [line.split() for line in said.splitlines()]
    assert "row 1" in said
    assert "row 2" in said
    assert all([name, cell] in lines for row in ROWS for name, cell in zip(NAMES, row, strict=True))


def test_few_columns_are_a_table_whose_cells_are_folded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal(monkeypatch)
    shown(["a", "b"], [["x" * 100, "y"]])
    said = capsys.readouterr().out
    assert said.count("x") == 100
    assert "…" not in said


def test_a_pipe_gets_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    shown(NAMES, ROWS)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [NAMES, *ROWS]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
