"""Errors of the engine as HTTP statuses."""

import pytest

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (Code.UNKNOWN_TABLE, 404),
        (Code.UNKNOWN_SETTING, 404),
        (Code.SYNTAX_ERROR, 400),
        (Code.UNKNOWN_ELEMENT_IN_AST, 400),
        (Code.CANNOT_DECOMPRESS, 400),
        (Code.ACCESS_DENIED, 403),
        (Code.UNKNOWN_USER, 403),
        (Code.AUTHENTICATION_FAILED, 403),
        (Code.TIMEOUT_EXCEEDED, 408),
        (Code.QUERY_IS_TOO_LARGE, 413),
        (Code.NOT_IMPLEMENTED, 501),
        (Code.TOO_MANY_SIMULTANEOUS_QUERIES, 503),
        (Code.READONLY, 500),
        (Code.UNKNOWN_EXCEPTION, 500),
    ],
)
def test_a_code_has_the_status_of_a_clickhouse_server(code: Code, status: int) -> None:
    assert EngineError.of(code, "x").status == status


def test_a_code_the_server_does_not_know_is_an_internal_error() -> None:
    assert EngineError(395, "x").status == 500


def test_the_code_is_read_out_of_the_message_of_the_engine() -> None:
    error = EngineError.from_engine("Streaming query failed: Code: 60. DB::Exception: no such table. (UNKNOWN_TABLE)\n")
    assert (error.code, error.message) == (60, "Code: 60. DB::Exception: no such table. (UNKNOWN_TABLE)")


def test_a_message_without_a_code_is_kept() -> None:
    error = EngineError.from_engine("the sky falls")
    assert error.code == Code.UNKNOWN_EXCEPTION
    assert "the sky falls" in error.message
