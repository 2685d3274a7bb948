"""An insert that fails when its rows are written is not acknowledged."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server


@pytest.fixture
def client(clickhouse: ClickHouseProcess) -> Iterator[Client]:
    database = f"failing_{uuid4().hex}"
    clickhouse.client().command(f"CREATE DATABASE {database} ENGINE = Atomic")
    client = clickhouse.client(database)
    client.command("CREATE TABLE numbers (n UInt64, CONSTRAINT small CHECK n < 100) ENGINE = MergeTree ORDER BY n")
    yield client
    client.command(f"DROP DATABASE {database}")
    client.close()


def stored(client: Client) -> list[int]:
    return [row[0] for row in client.query("SELECT n FROM numbers ORDER BY n").result_rows]


def insert(client: Client, *numbers: int) -> None:
    client.insert("numbers", [[number] for number in numbers], column_names=["n"], column_type_names=["UInt64"])


def test_a_violated_constraint_is_an_error_every_time_and_good_rows_go_on(client: Client) -> None:
    insert(client, 1)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="small") as failure:
            insert(client, 2, 200)
        assert failure.value.code == 469
        insert(client, 3)
    assert stored(client) == [1, 3, 3]


@pytest.mark.parametrize("rows", [3, 200_000], ids=["whole", "piece by piece"])
@pytest.mark.parametrize("format_name", ["Native", "RowBinary"])
def test_none_fails_in_secret_in_whatever_way_it_comes(client: Client, format_name: str, rows: int) -> None:
    for number in (99, 100, 99, 100):
        select = f"SELECT toUInt64(if(number = 2, {number}, 1)) AS n FROM numbers({rows})"
        data = client.raw_query(select, fmt=format_name)
        before = len(stored(client))
        if number == 99:
            client.raw_insert("numbers", ["n"], data, fmt=format_name)
            assert len(stored(client)) == before + rows
        else:
            with pytest.raises(DatabaseError, match="small") as failure:
                client.raw_insert("numbers", ["n"], data, fmt=format_name)
            assert failure.value.code == 469
            assert len(stored(client)) == before


def test_a_view_that_throws_is_an_error(client: Client) -> None:
    client.command("CREATE TABLE seen (n UInt8) ENGINE = Null")
    client.command("CREATE MATERIALIZED VIEW watch TO seen AS SELECT throwIf(n = 7, 'not seven') AS n FROM numbers")
    with pytest.raises(DatabaseError, match="not seven") as failure:
        insert(client, 7)
    assert failure.value.code == 395
    insert(client, 8)


def test_failures_that_were_told_are_not_told_again(client: Client) -> None:
    for statement in ("INSERT INTO numbers SELECT 200", "INSERT INTO numbers VALUES (201)"):
        with pytest.raises(DatabaseError):
            client.command(statement)
        insert(client, 1)
    with pytest.raises(DatabaseError):
        client.raw_insert("numbers", ["n"], b"seven\n", fmt="TSV")
    insert(client, 2)
    assert stored(client) == [1, 1, 2]
