"""What a demo shows of its findings, on a terminal of 80 columns."""

import io
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from clickhouse_connect.driver.client import Client
from rich.console import Console

from pipeline.cli import demo_report
from pipeline.cli.commands.demo import _say_where_next


def test_names_of_frictions_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("unresolved_to_review", 3, "customer_insight", "support_ticket", 1_234, 567)]
    monkeypatch.setattr(demo_report, "_rows", lambda *_: rows)
    shown = io.StringIO()
    demo_report._show_frictions(create_autospec(Client), Console(file=shown, width=80))
    assert shown.getvalue().splitlines()[-1].split() == [
        "unresolved_to_review",
        "customer_insight",
        "support_ticket",
        "1,234",
        "567",
    ]


def test_lines_to_paste_are_commands_as_a_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _say_where_next(tmp_path, ["customer_id:1", "order_id:2"])
    lines = [line.partition("  # ") for line in capsys.readouterr().err.splitlines() if line.startswith("  touchline")]
    assert ("  touchline status", "  # ", "lag, sources, dead letters") in lines
    assert all(comment for _, comment, _ in lines)
