"""A session that serves one request after another is to each as if it were new."""

import json
import random
from collections.abc import Iterator

import pytest

from pipeline.adapters.clickhouse.endpoint.errors import Code
from tests.integration.clickhouse_endpoint.raw import Reply, send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

UNKNOWN_QUERY_PARAMETER = 456
THREADS = "SELECT getSetting('max_threads')"


@pytest.fixture
def server(clickhouse: ClickHouseProcess) -> Iterator[ClickHouseProcess]:
    for name in ("endpoint_a", "endpoint_b"):
        assert send(clickhouse, f"CREATE DATABASE {name} ENGINE = Atomic").status == 200
        assert send(clickhouse, f"CREATE TABLE {name}.t (a UInt64) ENGINE = MergeTree ORDER BY a").status == 200
    yield clickhouse
    for name in ("endpoint_a", "endpoint_b"):
        assert send(clickhouse, f"DROP DATABASE IF EXISTS {name} SYNC").status == 200


def insert(server: ClickHouseProcess, head: str, **fields: str) -> Reply:
    data = send(server, "SELECT number AS a FROM numbers(3) FORMAT Native").body
    return send(server, f"{head} FORMAT Native\n".encode() + data, fields=fields)


def test_settings_and_databases_do_not_get_mixed(server: ClickHouseProcess) -> None:
    assert insert(server, "INSERT INTO t", database="endpoint_a").status == 200
    for _ in range(2):
        assert send(server, THREADS, max_threads="3").text == "3\n"
        assert send(server, THREADS, max_threads="5").text == "5\n"
        assert send(server, THREADS + " SETTINGS max_threads = 7", max_threads="3").text == "7\n"
        assert send(server, "SELECT count() FROM t", database="endpoint_a").text == "3\n"
        assert send(server, "SELECT count() FROM t", database="endpoint_b").text == "0\n"
        assert send(server, "SELECT currentDatabase()").text == "default\n"


def test_what_a_request_changes_of_its_session_ends_with_it(server: ClickHouseProcess) -> None:
    for statement in ("SET max_threads = 11", "USE endpoint_a", "CREATE TEMPORARY TABLE mine (a UInt8)"):
        assert send(server, statement).status == 200
    assert send(server, "SELECT {n:UInt8}", param_n="4").text == "4\n"
    assert send(server, "SELECT throwIf(1) SETTINGS max_threads = 11").status == 500
    assert insert(server, "INSERT INTO endpoint_a.t SETTINGS max_threads = 11").status == 200
    assert send(server, THREADS).text != "11\n"
    assert send(server, "SELECT currentDatabase()").text == "default\n"
    assert send(server, "SELECT count() FROM mine").code == Code.UNKNOWN_TABLE
    assert send(server, "SELECT {n:UInt8}").code == UNKNOWN_QUERY_PARAMETER


def test_a_database_that_was_dropped_is_not_known_any_more(server: ClickHouseProcess) -> None:
    assert send(server, "SELECT 1", database="endpoint_b").text == "1\n"
    assert send(server, "DROP DATABASE endpoint_b SYNC").status == 200
    assert send(server, "SELECT 1", database="endpoint_b").code == Code.UNKNOWN_DATABASE


def test_an_acknowledged_insert_is_there_whatever_the_client_wishes(server: ClickHouseProcess) -> None:
    wished = {"async_insert": "1", "wait_for_async_insert": "0"}
    for number in (1, 2, 3):
        summary = insert(server, "INSERT INTO endpoint_a.t", **wished).headers["X-ClickHouse-Summary"]
        assert json.loads(summary)["written_rows"] == "3"
        assert send(server, "SELECT count() FROM endpoint_a.t").text == f"{3 * number}\n"


def test_data_and_heads_are_no_further_statements(server: ClickHouseProcess) -> None:
    assert insert(server, "INSERT INTO endpoint_a.t; DROP TABLE endpoint_b.t").status >= 400
    data = send(server, "SELECT number AS a FROM numbers(3) FORMAT Native").body
    for tail in (b";DROP TABLE endpoint_b.t", b"\n;\nDROP TABLE endpoint_b.t"):
        assert send(server, b"INSERT INTO endpoint_a.t FORMAT Native\n" + data + tail).status >= 400
    assert send(server, b"INSERT INTO endpoint_a.t FORMAT Native\n").status == 200
    assert send(server, "SELECT count() FROM endpoint_b.t").text == "0\n"


def test_data_are_whole_whatever_bytes_they_consist_of(server: ClickHouseProcess) -> None:
    created = "CREATE TABLE endpoint_a.ten (" + ", ".join(f"c{place} UInt8" for place in range(10)) + ")"
    assert send(server, created + " ENGINE = MergeTree ORDER BY tuple()").status == 200
    choice = random.Random(7)
    expected = 0
    for _ in range(60):
        letters = choice.choice((b"\n\x07", b"\n\n\r\t ;'\"`#-/*\\\x00", bytes(range(256))))
        rows = choice.choice((1, 9, 10, 11, 100))
        columns = ((f"c{place}".encode(), bytes(choice.choices(letters, k=rows))) for place in range(10))
        data = bytes((10, rows)) + b"".join(b"\x02%b\x05UInt8%b" % column for column in columns)
        assert send(server, b"INSERT INTO endpoint_a.ten FORMAT Native\n" + data).status == 200
        expected += rows
    assert send(server, "SELECT count() FROM endpoint_a.ten").text == f"{expected}\n"
