"""What the client raises, as an outage or a refusal."""

from io import BytesIO
from struct import Struct
from typing import Final

import pytest
from clickhouse_connect.driver.ctypes import RespBuffCls
from clickhouse_connect.driver.exceptions import (
    DatabaseError,
    DataError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from clickhouse_connect.driver.httputil import ResponseSource
from clickhouse_connect.driver.query import QueryResult
from clickhouse_connect.driver.transform import NativeTransform
from urllib3 import HTTPResponse

from pipeline.adapters.clickhouse.errors import BadRowError, DamagedAnswerError, TooLargeError, store_errors
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

_LONG: Final = Struct("<Q")


@pytest.mark.parametrize("code", [6, 53, 60, 62, 117, 349, 469, 497])
def test_rows_and_statements_that_would_fail_again_are_rejected(code: int) -> None:
    with pytest.raises(StoreRejectedError, match="why"), store_errors():
        raise DatabaseError("why", code=code)


@pytest.mark.parametrize("code", [128, 153, 407, 469, 676, 691])
def test_what_is_about_a_row_leaves_the_others_out_of_it(code: int) -> None:
    with pytest.raises(BadRowError, match="why"), store_errors():
        raise DatabaseError("why", code=code)


def test_want_of_memory_is_an_outage_that_less_at_once_may_not_meet() -> None:
    with pytest.raises(TooLargeError, match="why"), store_errors():
        raise DatabaseError("why", code=241)


@pytest.mark.parametrize("code", [159, 164, 202, 210, 241, 242, 243, 252, 319, 394, 516, 774, 1001, 1002, 99999])
def test_everything_else_the_server_says_is_an_outage(code: int) -> None:
    with pytest.raises(StoreUnavailableError, match="why"), store_errors():
        raise DatabaseError("why", code=code)


@pytest.mark.parametrize("error", [DataError("bad"), NotSupportedError("bad"), ProgrammingError("bad")])
def test_what_the_client_itself_refuses_is_rejected(error: Exception) -> None:
    with pytest.raises(StoreRejectedError, match="bad"), store_errors():
        raise error


@pytest.mark.parametrize("error", [OperationalError("gone"), ConnectionRefusedError("gone"), TimeoutError("gone")])
def test_a_lost_connection_is_an_outage(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError, match="gone"), store_errors():
        raise error


def test_why_a_server_is_away_is_not_buried_under_the_settings_of_the_statement() -> None:
    pool, why = (
        "HTTPConnectionPool(host='a', port=1): Max retries exceeded",
        "(Caused by [Errno 111] Connection refused)",
    )
    with pytest.raises(StoreUnavailableError) as error, store_errors():
        raise OperationalError(f"Error {pool} with url: /?max_threads=1&{'a_setting=1&' * 30} {why} executing")
    assert str(error.value) == f"Error {pool} {why} executing"


@pytest.mark.parametrize("encoding", ["lz4", "zstd"])
def test_an_answer_that_cannot_be_decompressed_is_an_outage(encoding: str) -> None:
    damaged = HTTPResponse(BytesIO(b"not compressed"), headers={"content-encoding": encoding}, preload_content=False)
    with pytest.raises(DamagedAnswerError, match=r"LZ4F_decompress|Zstandard"), store_errors():
        b"".join(ResponseSource(damaged).gen)


def test_an_answer_whose_columns_have_names_that_are_no_text_is_an_outage() -> None:
    with pytest.raises(DamagedAnswerError, match="utf-8"), store_errors():
        b"\xff".decode()


def test_an_answer_that_cannot_be_read_is_an_outage() -> None:
    def column(index: int) -> bytes:
        """A row of LowCardinality(String): version, kind of keys, the only key, and the row's index into the keys."""
        parts = (b"\1\1\1a\x16LowCardinality(String)", *map(_LONG.pack, (1, 0x600, 1)), b"\1x", _LONG.pack(1))
        return b"".join(parts) + bytes([index])

    def read(answer: bytes) -> object:
        source = ResponseSource(HTTPResponse(BytesIO(answer), preload_content=False))
        result = NativeTransform.parse_response(RespBuffCls(source))  # type: ignore[no-untyped-call]
        return isinstance(result, QueryResult) and result.result_rows

    assert read(column(0)) == [("x",)]
    with pytest.raises(DamagedAnswerError, match="IndexError: tuple index out of range"), store_errors():
        read(column(5))


def test_an_error_that_is_classified_stays_as_it_is() -> None:
    first = StoreRejectedError("first")
    with pytest.raises(StoreRejectedError) as error, store_errors(), store_errors():
        raise first
    assert error.value is first


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(RuntimeError, match="bug"), store_errors():
        raise RuntimeError("bug")
