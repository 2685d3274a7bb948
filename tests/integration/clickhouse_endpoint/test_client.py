"""The unmodified clickhouse-connect against the endpoint."""

import datetime
import math
from collections.abc import Iterator

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

TYPES = {
    "number": "UInt64",
    "large": "UInt128",
    "at": "DateTime64(3, 'UTC')",
    "day": "Date",
    "price": "Decimal(18, 4)",
    "ratio": "Float64",
    "note": "Nullable(String)",
    "tags": "Array(LowCardinality(String))",
    "key": "FixedString(16)",
    "kind": "LowCardinality(String)",
    "fields": "String",
    "pairs": "Map(String, UInt8)",
    "flag": "Bool",
}
AT = datetime.datetime(2026, 3, 29, 1, 59, 59, 999000, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def client(clickhouse: ClickHouseProcess) -> Iterator[Client]:
    client = clickhouse_connect.get_client(host="127.0.0.1", port=clickhouse.port)
    client.command("CREATE DATABASE endpoint_client ENGINE = Atomic")
    client.database = "endpoint_client"
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    client.command(f"CREATE TABLE typed ({columns}) ENGINE = MergeTree ORDER BY number")
    yield client
    client.command("DROP DATABASE endpoint_client")


def test_rows_of_every_type_we_use_come_back_as_they_went(client: Client) -> None:
    row = (
        *(2**64 - 1, 2**128 - 1, AT, AT.date(), "12.3400", 0.1, None, ["a", "ß", ""], b"0123456789\x00\xff\x01234"),
        *("web", '{"a":"\\u0000 \'x\'"}', {"k": 1}, True),
    )
    empty: tuple[object, ...] = (0, 0, AT, AT.date(), 0, -math.inf, "", [], b"\0" * 16, "", "", {}, False)
    client.command("TRUNCATE TABLE typed")
    summary = client.insert("typed", [row, empty], column_names=list(TYPES))
    assert summary.written_rows == 2
    assert summary.query_id()
    result = client.query("SELECT * FROM typed ORDER BY number DESC", tz_mode="aware")
    assert result.column_names == tuple(TYPES)
    assert [str(kind) for kind in result.column_types] != []
    first, second = result.result_rows
    assert first[:4] == row[:4]
    assert str(first[4]) == "12.3400"
    assert first[5:] == row[5:]
    assert second[5:] == empty[5:]


def test_columns_with_given_types_are_inserted_without_asking_for_them(client: Client) -> None:
    client.command("TRUNCATE TABLE typed")
    milliseconds = int(AT.timestamp() * 1000)
    client.insert(
        "typed",
        [[1, 2], [milliseconds, milliseconds + 1], [b"a" * 16, b"b" * 16]],
        column_names=["number", "at", "key"],
        column_type_names=["UInt64", "DateTime64(3, 'UTC')", "FixedString(16)"],
        column_oriented=True,
    )
    query = "SELECT number, toUnixTimestamp64Milli(at), key FROM typed ORDER BY number"
    assert client.query(query).result_rows == [(1, milliseconds, b"a" * 16), (2, milliseconds + 1, b"b" * 16)]


def test_parameters_are_bound_whatever_is_in_them(client: Client) -> None:
    for value in ["", "it's", "back\\slash", "tab\tline\n", "{x:String}", "ü😀", "a\0b"]:
        assert client.query("SELECT {value:String}", parameters={"value": value}).first_row == (value,)
    query = "SELECT {many:Array(String)}, {number:UInt64}, {at:DateTime64(3, 'UTC')}"
    parameters = {"many": ["a'", "b"], "number": 2**64 - 1, "at": AT}
    assert client.query(query, parameters=parameters, tz_mode="aware").first_row == (["a'", "b"], 2**64 - 1, AT)
    assert client.query("SELECT %(x)s", parameters={"x": "it's"}).first_row == ("it's",)


def test_commands_give_values_or_summaries(client: Client) -> None:
    assert client.command("SELECT 42") == 42
    assert client.command("EXISTS TABLE typed") == 1
    assert client.command("SHOW TABLES LIKE 'nothing'") == ""
    client.command("CREATE TABLE IF NOT EXISTS other (a UInt8) ENGINE = MergeTree ORDER BY a")
    summary = client.command("INSERT INTO other SELECT number FROM numbers(7)")
    assert int(getattr(summary, "written_rows", 0)) == 7
    assert client.command("INSERT INTO other FORMAT CSV", data="8\n9\n") is not None
    assert client.command("SELECT count() FROM other") == 9


def test_a_data_frame_is_filled(client: Client) -> None:
    frame = client.query_df("SELECT number, toString(number) AS text FROM numbers(100000) ORDER BY number")
    assert list(frame.columns) == ["number", "text"]
    assert frame["number"].sum() == 100000 * 99999 // 2
    client.command("CREATE TABLE IF NOT EXISTS framed (number UInt64, text String) ENGINE = MergeTree ORDER BY number")
    client.insert_df("framed", frame)
    assert client.command("SELECT countDistinct(text) FROM framed") == 100000


def test_a_large_result_comes_in_blocks(client: Client) -> None:
    total = rows = 0
    with client.query_column_block_stream("SELECT number, toString(number) FROM numbers(2000000)") as blocks:
        for numbers, texts in blocks:
            assert len(numbers) == len(texts)
            total += sum(numbers)
            rows += 1
    assert total == 2000000 * 1999999 // 2
    assert rows > 10


def test_raw_formats_are_passed_through(client: Client) -> None:
    assert client.raw_query("SELECT 1 AS a", fmt="JSONEachRow") == b'{"a":1}\n'
    assert client.raw_query("SELECT 1 AS a", fmt="CSVWithNames") == b'"a"\n1\n'
    assert client.raw_query("SELECT 1 AS a", fmt="Parquet").startswith(b"PAR1")


def test_settings_go_with_a_query(client: Client) -> None:
    query = "SELECT getSetting('max_block_size')"
    assert client.query(query, settings={"max_block_size": 7}).first_row == (7,)
    assert client.query(query).first_row != (7,)


def test_a_batch_that_is_sent_again_is_stored_once(client: Client) -> None:
    client.command(
        "CREATE TABLE deduplicated (a UInt64) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    for token in ["one", "one", "two"]:
        client.insert("deduplicated", [[1]], column_names=["a"], settings={"insert_deduplication_token": token})
    assert client.command("SELECT count() FROM deduplicated") == 2


def test_errors_carry_the_code_and_the_words_of_the_engine(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as error:
        client.query("SELECT * FROM nothing_here")
    assert error.value.code == 60
    with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
        client.command("SELEC 1 FROM")
    with pytest.raises(DatabaseError, match=r"TOO_LARGE_STRING_SIZE"):
        client.raw_insert("typed", column_names=["key"], insert_block="a" * 17 + "\n", fmt="TSV")


def test_an_error_after_megabytes_of_rows_is_not_taken_for_their_end(client: Client) -> None:
    query = "SELECT number, throwIf(number = 9000000) FROM numbers(10000000)"
    with (
        pytest.raises(StreamFailureError, match="FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        client.query_column_block_stream(query) as blocks,
    ):
        for _ in blocks:
            pass


async def test_the_asynchronous_client_works_the_same(clickhouse: ClickHouseProcess, client: Client) -> None:
    asynchronous = await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=clickhouse.port, database="endpoint_client"
    )
    try:
        await asynchronous.command("CREATE TABLE concurrent (a UInt64) ENGINE = MergeTree ORDER BY a")
        await asynchronous.insert("concurrent", [[1], [2]], column_names=["a"])
        result = await asynchronous.query("SELECT sum(a) FROM concurrent")
        assert result.first_row == (3,)
        with pytest.raises(DatabaseError, match="UNKNOWN_IDENTIFIER"):
            await asynchronous.query("SELECT nothing FROM concurrent")
    finally:
        await asynchronous.close()
