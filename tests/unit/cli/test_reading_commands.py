"""Commands that read, where nothing answers: a message for people and exit status 1."""

import pytest
from click.testing import CliRunner

from pipeline.adapters.stack.ports import free_port
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
