"""The Native format in a later revision of the protocol, as Go's client and Grafana's plugin read it."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.ctypes import RespBuffCls
from clickhouse_connect.driver.exceptions import StreamCompleteException
from clickhouse_connect.driver.query import QueryContext
from clickhouse_connect.driver.types import ByteSource

from pipeline.adapters.clickhouse.endpoint.errors import Code
from tests.integration.clickhouse_endpoint.raw import send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

GO = {"default_format": "Native", "client_protocol_version": "54460"}
"""What clickhouse-go sends with every query."""
BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
BUFFER: Callable[["Body"], ByteSource] = RespBuffCls
EVERY_KIND = """
SELECT number, toString(number) AS text, toLowCardinality(toString(number % 7)) AS name,
    [toLowCardinality('a'), toString(number)] AS names, map('k', toLowCardinality(text)) AS pairs, (number, 'x') AS two,
    toNullable(number) AS perhaps, NULL AS nothing, toDateTime64(number, 3, 'UTC') AS at, toDate('2026-01-01') AS day,
    CAST('b,(c', 'Enum8(\\'a\\' = 1, \\'b,(c\\' = 2)') AS kind, toDecimal64(1.5, 2) AS price,
    toDecimal128(2, 30) AS long, toUUID('7d1ac9d2-5a58-4a3b-9d9c-2e6e0c5d8d01') AS id, toIPv6('::1') AS address,
    toFixedString('abc', 3) AS code, CAST(tuple(1, 'x'), 'Tuple(a UInt8, `b (c` String)') AS named,
    emptyArrayString() AS none, CAST(if(number % 2, text, NULL), 'LowCardinality(Nullable(String))') AS either,
    [[1, 2], [number]] AS nested, (1.5, 2.5)::Point AS place, number > 2 AS more, toIntervalDay(1) AS span
FROM numbers({rows})
"""


class Body:
    """A response as the client library's buffer wants it."""

    def __init__(self, body: bytes) -> None:
        self.gen = iter([body])
        self.exception_tag = None

    def close(self) -> None:
        """Nothing is open."""


def rows(body: bytes) -> Iterator[Sequence[object]]:
    """The rows of a body, by the client library's readers of columns, which know their bounds by themselves."""
    source = BUFFER(Body(body))
    while True:
        try:
            assert bytes(source.read_bytes(len(BLOCK_INFO))) == BLOCK_INFO
        except StreamCompleteException:
            return
        columns, count = source.read_leb128(), source.read_leb128()
        found = []
        for _ in range(columns):
            source.read_leb128_str()
            kind = get_from_name(source.read_leb128_str())
            assert source.read_byte() == 0
            found.append(kind.read_column(source, count, QueryContext()))
        yield from zip(*found, strict=True)


@pytest.mark.parametrize(("count", "block"), [(1, 100), (600, 600), (10, 3)])
def test_columns_of_every_kind_arrive_as_they_are(clickhouse: ClickHouseProcess, count: int, block: int) -> None:
    query = EVERY_KIND.format(rows=count)
    answer = send(clickhouse, query, fields=GO, max_block_size=str(block)).body
    client = clickhouse.client()
    expected = client.query(query).result_rows
    client.close()
    assert len(expected) == count
    assert list(rows(answer)) == list(map(tuple, expected))
    assert answer.count(BLOCK_INFO) == -(-count // block)


def test_what_go_asks_first_is_answered_to_the_analyst(clickhouse: ClickHouseProcess) -> None:
    question = "SELECT displayName(), version(), revision(), timezone()"
    ((name, version, revision, zone),) = rows(send(clickhouse, question, fields=GO, user="analyst").body)
    assert name
    assert version
    assert isinstance(revision, int)
    assert revision > 54_460
    assert zone == "UTC"


def test_compression_is_what_the_plugin_asks_for(clickhouse: ClickHouseProcess) -> None:
    reply = send(clickhouse, "SELECT 1", headers={"Accept-Encoding": "gzip"}, fields=GO)
    assert reply.headers["Content-Encoding"] == "gzip"


def test_other_formats_and_earlier_revisions_are_left_alone(clickhouse: ClickHouseProcess) -> None:
    assert send(clickhouse, "SELECT 1 FORMAT TSV", fields=GO).text == "1\n"
    plain = send(clickhouse, "SELECT 1 FORMAT Native").body
    assert send(clickhouse, "SELECT 1 FORMAT Native", client_protocol_version="54405").body == plain
    assert send(clickhouse, "SELECT 1 FORMAT Native", client_protocol_version="x").code == Code.BAD_ARGUMENTS


def test_a_query_without_rows_has_no_body(clickhouse: ClickHouseProcess) -> None:
    assert send(clickhouse, "SELECT number FROM numbers(0)", fields=GO).body in (b"", BLOCK_INFO + b"\x01\x00")


def test_a_type_without_bounds_is_refused_with_advice(clickhouse: ClickHouseProcess) -> None:
    reply = send(clickhouse, """SELECT '{"a":1}'::JSON""", fields=GO)
    assert reply.code == Code.NOT_IMPLEMENTED
    assert "convert it to String" in reply.text
