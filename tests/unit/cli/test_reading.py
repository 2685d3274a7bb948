"""Reading from ClickHouse: as whom, and how refusals are told."""

from unittest.mock import Mock

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from pipeline.adapters.clickhouse.cluster import ClusterError
from pipeline.adapters.clickhouse.errors import DamagedAnswerError, store_errors
from pipeline.cli.context import Context
from pipeline.cli.errors import CommandError
from pipeline.cli.reading import as_analyst, reader, server_words, writer
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://default:@127.0.0.1:8123/touchline", "http://analyst:@127.0.0.1:8123/touchline"),
        ("http://127.0.0.1:8123/touchline", "http://analyst:@127.0.0.1:8123/touchline"),
    ],
)
def test_the_embedded_endpoint_is_read_as_the_analyst(url: str, expected: str) -> None:
    assert as_analyst(url) == expected


def test_the_client_s_wrapping_is_taken_off() -> None:
    wrapped = (
        "Received ClickHouse exception, code: 60, server response: Code: 60. DB::Exception: Unknown table (x)"
        " (for url http://127.0.0.1:8123)\nmore"
    )
    assert server_words(StoreRejectedError(wrapped), "http://x:8123") == "Code: 60. DB::Exception: Unknown table (x)"


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    outage = StoreUnavailableError("HTTPConnectionPool(host='x', port=8123): Max retries exceeded")
    assert server_words(outage, "http://user:key@x:8123/touchline") == "ClickHouse at x:8123 does not answer"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "HTTP driver received HTTP status 404, server response: 404: Not Found (for url http://x:8123)",
            "HTTP status 404",
        ),
        ("Unexpected response to server version query: '<html>'", "Unexpected response to server version query"),
        (
            "Error HTTPSConnectionPool(host='x', port=8443): Max retries exceeded with url: / (Caused by SSLError("
            "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get "
            "local issuer certificate (_ssl.c:1006)'))) executing HTTP request attempt 1 (https://x:8443)",
            "certificate verify failed: unable to get local issuer certificate",
        ),
    ],
)
def test_why_what_is_there_does_not_answer_as_clickhouse_is_told(said: str, why: str) -> None:
    assert server_words(StoreUnavailableError(said), "http://x:8123") == f"ClickHouse at x:8123 does not answer: {why}"


def test_a_server_that_takes_too_long_is_not_taken_for_one_that_is_away() -> None:
    late = StoreUnavailableError("HTTPConnectionPool(host='x', port=8123): Read timed out. (read timeout=600)")
    assert server_words(late, "http://x:8123/touchline") == "ClickHouse at x:8123 gave no answer within 600 s"


def test_a_damaged_answer_is_not_taken_for_none() -> None:
    damaged = DamagedAnswerError("LZ4F_decompress failed with code: ERROR_frameType_unknown")
    assert server_words(damaged, "http://user:key@x:8123/touchline") == (
        "the answer of ClickHouse at x:8123 is damaged: LZ4F_decompress failed with code: ERROR_frameType_unknown"
    )


@pytest.mark.parametrize("code", [60, 81])
def test_tables_that_are_not_there_are_made_by_migrating(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(*_: object, **__: object) -> None:
        with store_errors():
            raise DatabaseError("nothing of that name", code=code)

    monkeypatch.setattr("pipeline.cli.reading.connect", not_there)
    with pytest.raises(CommandError, match="nothing of that name") as caught, reader(Context()):
        pass
    assert "run `touchline migrate`" in caught.value.remedy


def test_a_cluster_that_cannot_be_written_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cli.reading.connect", Mock())
    monkeypatch.setattr("pipeline.cli.reading.read_what_was_written", Mock(side_effect=ClusterError("(3, 2)")))
    with pytest.raises(CommandError, match=r"\(3, 2\)"), writer(Context()):
        pass
