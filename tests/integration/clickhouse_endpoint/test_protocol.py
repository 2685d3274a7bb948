"""The HTTP interface of ClickHouse, byte by byte."""

import base64
import gzip
import http.client
import json
from pathlib import Path

import pytest

from pipeline.adapters.clickhouse.endpoint.errors import Code
from pipeline.adapters.serving.compression import COMPRESSORS
from tests.integration.clickhouse_endpoint.raw import send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(clickhouse: ClickHouseProcess) -> ClickHouseProcess:
    assert send(clickhouse, "CREATE DATABASE endpoint_protocol ENGINE = Atomic").status == 200
    assert send(clickhouse, "CREATE TABLE endpoint_protocol.t (a UInt64) ENGINE = MergeTree ORDER BY a").status == 200
    return clickhouse


def count(server: ClickHouseProcess) -> int:
    return int(send(server, "SELECT count() FROM endpoint_protocol.t").text)


@pytest.mark.parametrize("path", ["/ping", "/replicas_status", "/"])
def test_it_says_that_it_lives(server: ClickHouseProcess, path: str) -> None:
    assert (send(server, path=path).status, send(server, path=path).text) == (200, "Ok.\n")


def test_an_unknown_path_is_not_found(server: ClickHouseProcess) -> None:
    assert send(server, path="/play/x").status == 404


def test_a_query_stands_in_the_address_or_in_the_body_or_in_both(server: ClickHouseProcess) -> None:
    assert send(server, query="SELECT 1").text == "1\n"
    assert send(server, "SELECT 1").text == "1\n"
    assert send(server, "+ 1", query="SELECT 1").text == "2\n"
    assert send(server, "").code == Code.SYNTAX_ERROR


def test_the_format_is_the_clause_or_the_default(server: ClickHouseProcess) -> None:
    assert send(server, "SELECT 1 AS a, 2 AS b").text == "1\t2\n"
    assert send(server, "SELECT 1 AS a", default_format="JSONEachRow").text == '{"a":1}\n'
    assert send(server, "SELECT 1 AS a", headers={"X-ClickHouse-Format": "CSV"}).text == "1\n"
    reply = send(server, "SELECT 1 AS a FORMAT JSON", default_format="CSV")
    assert json.loads(reply.body)["data"] == [{"a": 1}]
    assert reply.headers["X-ClickHouse-Format"] == "JSON"
    assert reply.headers["Content-Type"].startswith("application/json")
    assert send(server, "SELECT 1", default_format="DataFrame").code == Code.UNKNOWN_FORMAT
    assert send(server, "SELECT 1", default_format="Nonsense").code == Code.UNKNOWN_FORMAT


def test_what_the_engine_remembers_of_its_parts_is_bounded(server: ClickHouseProcess) -> None:
    query = "SELECT sum(toUInt64(value)) FROM system.server_settings WHERE name IN ({names})"
    names = "'mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size'"
    assert 0 < int(send(server, query.format(names=names)).text) <= 1 << 30


def test_the_headers_say_what_happened(server: ClickHouseProcess) -> None:
    reply = send(server, "INSERT INTO endpoint_protocol.t SELECT 1000 + number FROM numbers(3)", query_id="mine-1")
    assert reply.headers["X-ClickHouse-Query-Id"] == "mine-1"
    assert reply.headers["X-ClickHouse-Timezone"] == "UTC"
    assert reply.headers["X-ClickHouse-Server-Display-Name"]
    assert json.loads(reply.headers["X-ClickHouse-Summary"])["written_rows"] == "3"
    assert "X-ClickHouse-Format" not in reply.headers


@pytest.mark.parametrize(
    ("query", "body", "rows"),
    [
        ("INSERT INTO endpoint_protocol.t FORMAT TSV", b"1\n2\n", 2),
        ("INSERT INTO endpoint_protocol.t (a) FORMAT JSONEachRow", b'{"a":1}\n{"a":"2"}', 2),
        ("INSERT INTO endpoint_protocol.t", b"(1), (2), (3)", 3),
        ("", b"INSERT INTO endpoint_protocol.t VALUES (1), (2)", 2),
        ("", b"INSERT INTO endpoint_protocol.t (a) FORMAT CSV\n1\n2\n", 2),
        ("", b"INSERT INTO endpoint_protocol.t FORMAT CSV\n" + b"7\n" * 100_000, 100_000),
        ("INSERT INTO endpoint_protocol.t FORMAT TSV", b"", 0),
    ],
)
def test_data_are_inserted_from_wherever_they_stand(
    server: ClickHouseProcess, query: str, body: bytes, rows: int
) -> None:
    before = count(server)
    reply = send(server, body, query=query) if query else send(server, body)
    assert (reply.status, reply.text) == (200, "")
    assert json.loads(reply.headers["X-ClickHouse-Summary"])["written_rows"] == str(rows)
    assert count(server) - before == rows


@pytest.mark.parametrize("encoding", sorted(COMPRESSORS))
def test_bodies_are_compressed_in_both_directions(server: ClickHouseProcess, encoding: str) -> None:
    compressor = COMPRESSORS[encoding]()
    body = compressor.compress(b"5\n" * 1000) + compressor.flush()
    before = count(server)
    query = "INSERT INTO endpoint_protocol.t FORMAT TSV"
    assert send(server, body, headers={"Content-Encoding": encoding}, query=query).status == 200
    assert count(server) - before == 1000
    for rows in (1000, 1_000_000):  # a whole answer, and a streamed one
        reply = send(server, f"SELECT number FROM numbers({rows})", headers={"Accept-Encoding": encoding})
        assert reply.headers["Content-Encoding"] == encoding
        assert len(reply.body) < rows * 5
    if encoding == "gzip":
        assert len(gzip.decompress(reply.body).splitlines()) == 1_000_000


def test_a_damaged_body_inserts_nothing(server: ClickHouseProcess) -> None:
    before = count(server)
    packed = gzip.compress(b"5\n" * 1000)
    query = "INSERT INTO endpoint_protocol.t FORMAT TSV"
    assert send(server, packed[:-10], headers={"Content-Encoding": "gzip"}, query=query).code == Code.CANNOT_DECOMPRESS
    assert send(server, b"1\nx\n", query=query).status == 400
    assert send(server, b"\x01", query="INSERT INTO endpoint_protocol.t FORMAT Native").code != 0
    assert count(server) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("SELECT * FROM endpoint_protocol.nothing", 404, Code.UNKNOWN_TABLE),
        ("SELECT * FROM nothing.nothing", 404, Code.UNKNOWN_DATABASE),
        ("SELECT nothing FROM endpoint_protocol.t", 404, Code.UNKNOWN_IDENTIFIER),
        ("SELECT no_such_function(1)", 404, Code.UNKNOWN_FUNCTION),
        ("SELECT (", 400, Code.SYNTAX_ERROR),
        ("SELECT 1; SELECT 2", 400, Code.SYNTAX_ERROR),
        ("SELECT toUInt8('x')", 400, Code.CANNOT_PARSE_TEXT),
        ("SELECT 1 INTO OUTFILE '/tmp/never'", 501, Code.NOT_IMPLEMENTED),
        ("INSERT INTO endpoint_protocol.t FROM INFILE '/etc/passwd' FORMAT CSV", 501, Code.NOT_IMPLEMENTED),
    ],
)
def test_errors_have_the_status_of_a_clickhouse_server(
    server: ClickHouseProcess, body: str, status: int, code: Code
) -> None:
    reply = send(server, body)
    assert (reply.code, reply.status) == (code, status)
    assert reply.text.startswith(f"Code: {code:d}. DB::Exception: ")
    assert "Traceback" not in reply.text


def test_what_only_concerns_the_transport_does_not_reach_the_engine(server: ClickHouseProcess) -> None:
    fields = {"session_id": "s", "wait_end_of_query": "1", "buffer_size": "1", "client_protocol_version": "54405"}
    assert send(server, "SELECT 1", fields=fields | {"send_progress_in_http_headers": "1", "role": "r"}).text == "1\n"
    assert send(server, "SELECT 1", no_such_setting="1").code == Code.UNKNOWN_SETTING
    assert send(server, "SELECT 1", fields={"a'b": "1"}).code == Code.UNKNOWN_SETTING
    assert send(server, "SELECT 1", compress="1").code == Code.NOT_IMPLEMENTED
    assert send(server, "SELECT getSetting('max_threads')", max_threads="3").text == "3\n"


def test_a_get_request_changes_nothing(server: ClickHouseProcess) -> None:
    assert send(server, query="CREATE TABLE endpoint_protocol.g (a UInt8) ENGINE = Memory").code == Code.READONLY
    assert send(server, query="INSERT INTO endpoint_protocol.t VALUES (1)").code == Code.READONLY


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO FUNCTION file('{file}', 'CSV', 'x UInt8') SELECT 1",
        "WITH 1 AS y INSERT INTO FUNCTION file('{file}', 'CSV', 'x UInt8') SELECT 1",
        "EXPLAIN PIPELINE INSERT INTO FUNCTION file('{file}', 'CSV', 'x UInt8') SELECT 1",
        "BACKUP DATABASE endpoint_protocol TO File('{file}')",
        "KILL QUERY WHERE query_id = 'none'",
    ],
)
def test_a_get_request_writes_nowhere_else_either(server: ClickHouseProcess, tmp_path: Path, statement: str) -> None:
    file = tmp_path / "written"
    assert send(server, query=statement.format(file=file)).code == Code.READONLY
    assert not file.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'INSERT INTO'",
        "EXPLAIN SELECT 'InsertQuery'",
        "(SELECT 1)",
        "WITH 1 AS x SELECT x",
        "SHOW TABLES FROM endpoint_protocol",
        "DESCRIBE endpoint_protocol.t",
        "EXISTS endpoint_protocol.t",
    ],
)
def test_a_get_request_reads(server: ClickHouseProcess, statement: str) -> None:
    reply = send(server, query=statement)
    assert (reply.status, reply.code) == (200, 0)
    assert reply.body


def test_the_user_is_told_in_three_ways(server: ClickHouseProcess) -> None:
    basic = base64.b64encode(b"analyst:").decode()
    assert send(server, "DROP TABLE endpoint_protocol.t", headers={"Authorization": f"Basic {basic}"}).status == 403
    assert send(server, "DROP TABLE endpoint_protocol.t", headers={"X-ClickHouse-User": "analyst"}).status == 403
    assert send(server, "DROP TABLE endpoint_protocol.t", user="analyst").status == 403
    for fields in ({"user": "nobody"}, {"user": "default", "password": "x"}):
        assert send(server, "SELECT 1", fields=fields).code == Code.AUTHENTICATION_FAILED
    assert send(server, "SELECT 1", headers={"Authorization": "Basic !"}).status == 400


def test_pages_of_other_sites_are_kept_out(server: ClickHouseProcess) -> None:
    assert send(server, "SELECT 1", headers={"Origin": "http://evil.example"}).status == 403
    assert send(server, "SELECT 1", headers={"Host": "evil.example"}).status == 403
    assert send(server, query="SELECT 1", headers={"Sec-Fetch-Site": "cross-site"}).status == 403  # an image, a link
    assert send(server, query="SELECT 1", headers={"Sec-Fetch-Site": "same-site"}).status == 403  # of another port
    assert send(server, query="SELECT 1", headers={"Sec-Fetch-Site": "none"}).status == 200
    assert send(server, "SELECT 1", headers={"Origin": f"http://127.0.0.1:{server.port}"}).status == 200


def test_a_form_brings_the_query_and_tables(server: ClickHouseProcess) -> None:
    parts = {
        'name="query"': "SELECT sum(_1) + {more:UInt8} FROM mine",
        'name="param_more"': "1",
        'name="mine"; filename="mine.tsv"': "1\n2\n",
    }
    body = "".join(f"--X\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n" for name, text in parts.items())
    headers = {"Content-Type": "multipart/form-data; boundary=X"}
    assert send(server, body + "--X--\r\n", headers=headers, mine_types="UInt8").text == "4\n"


def test_a_failure_in_mid_stream_breaks_the_answer_for_clients_that_do_not_know_the_trailer(
    server: ClickHouseProcess,
) -> None:
    with pytest.raises(http.client.IncompleteRead) as error:
        send(server, "SELECT throwIf(number = 5000000) FROM numbers(10000000)")
    assert b"FUNCTION_THROW_IF_VALUE_IS_NON_ZERO" in error.value.partial


def test_the_codes_bear_the_names_of_the_engine(server: ClickHouseProcess) -> None:
    listed = [code for code in Code if code != Code.UNKNOWN_EXCEPTION]  # that one has no name in the engine's list
    codes = ", ".join(str(int(code)) for code in listed)
    named = send(server, f"SELECT errorCodeToName(arrayJoin([{codes}]))").text.split()
    assert named == [code.name for code in listed]


def test_default_is_a_database_and_not_the_file_system(server: ClickHouseProcess) -> None:
    assert send(server, "SELECT engine FROM system.databases WHERE name = 'default'").text == "Atomic\n"
    assert send(server, "SELECT * FROM default.`/etc/passwd`").code == Code.UNKNOWN_TABLE
