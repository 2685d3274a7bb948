"""Commands that read, where nothing answers: a message for people and exit status 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.adapters.stack.ports import free_port
from pipeline.cli.commands import query as query_module
from pipeline.cli.errors import CommandError
from pipeline.cli.main import touchline


@pytest.mark.parametrize(
    "arguments",
    [["journey", "customer_id:42"], ["why", "order_id:1", "customer_id:42"], ["query", "SELECT 1"]],
    ids=lambda arguments: arguments[0],
)
def test_a_stack_that_does_not_run_is_no_fault_of_touchline(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_CLICKHOUSE", f"http://127.0.0.1:{free_port()}/touchline")
    result = CliRunner().invoke(touchline, arguments)
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "touchline up" in result.output
    assert "fault" not in result.output


def test_an_identifier_of_no_known_namespace_is_wrong_usage() -> None:
    result = CliRunner().invoke(touchline, ["journey", "customer:42"])
    assert result.exit_code == 2
    assert "known namespace: anonymous_id" in result.output


def test_a_statement_in_another_encoding_is_wrong_usage() -> None:
    result = CliRunner().invoke(touchline, ["query", "-"], input=b"SELECT 'M\xfcnchen'")
    assert result.exit_code == 2
    assert "in UTF-8 expected, found other bytes at 9" in result.output


def test_a_statement_without_quotes_is_wrong_usage() -> None:
    result = CliRunner().invoke(touchline, ["query", "SELECT", "1"])
    assert result.exit_code == 2
    assert "put it in quotes" in result.output


FAILED = "Code: 62. DB::Exception: Syntax error: failed at position {} (Native) (line 2, col 9): Native. {}"


@pytest.mark.parametrize(
    ("statement", "error", "said", "remedy"),
    [
        (
            "SELECT kind FROM frictions WHERE",
            FAILED.format(42, "Expected one of: token sequence, Dot, token, OR"),
            "Syntax error: the statement breaks off after 'WHERE'",
            "Is something missing at its end?",
        ),
        (
            "SELECT count(",
            FAILED.format(23, "Unmatched parentheses: '(' at position 13 (line 1, col 13) is never closed"),
            "Syntax error: Unmatched parentheses: '(' at position 13 (line 1, col 13) is never closed",
            "Is something missing at its end?",
        ),
        ("SELEC 1", FAILED.format(7, ""), FAILED.format(7, ""), ""),
        ("SELEC " + "1" * 300, FAILED.format(7, ""), FAILED.format(7, ""), ""),
        ("SELECT nix FROM journeys", "Unknown expression identifier", "Unknown expression identifier", ""),
        (
            "q.sql",
            FAILED.format(15, ""),
            FAILED.format(15, ""),
            "Is the file meant? `touchline query - < q.sql` reads it.",
        ),
    ],
)
def test_a_syntax_error_is_told_in_the_words_of_the_statement(
    statement: str, error: str, said: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "q.sql").write_text("SELECT 2")
    monkeypatch.chdir(tmp_path)

    @contextmanager
    def refusing(*_: object) -> Iterator[None]:
        raise CommandError(error)
        yield

    monkeypatch.setattr(query_module, "reader", refusing)
    with pytest.raises(CommandError) as caught:
        touchline.main(["query", statement], standalone_mode=False)
    assert (caught.value.message, caught.value.remedy) == (said, remedy)
