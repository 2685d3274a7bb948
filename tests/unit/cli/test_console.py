"""Signs of life on stderr."""

import pytest
from rich.table import Table

from pipeline.cli.console import data_table, say, waiting


def test_without_a_terminal_it_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("settling") as status:
        status.update("settling: more")
    assert capsys.readouterr() == ("", "settling\n")


def test_whose_answer_a_program_reads_says_nothing_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("asking", only_on_a_terminal=True):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_table_shows_cells_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("cell", box=None, pad_edge=False)
    cells = ["web.[/x]", "[object Object]", "sku:100:x", "http://[fe80::1]:8123"]
    for cell in cells:
        table.add_row(cell)
    data_table(table)
    assert capsys.readouterr().out.splitlines() == ["cell", *cells]


@pytest.mark.parametrize("columns", ["0", "", "many"])
def test_a_width_that_is_none_counts_as_not_said(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    say("the broker does not answer")
    assert capsys.readouterr().err == "the broker does not answer\n"


def test_a_table_is_not_cut_off_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("letters", "words", box=None, pad_edge=False)
    letters, words = "x" * 150_000, "word " * 50_000 + "end"
    table.add_row(letters, words)
    data_table(table)
    assert capsys.readouterr().out.splitlines()[1].split(maxsplit=1) == [letters, words]
