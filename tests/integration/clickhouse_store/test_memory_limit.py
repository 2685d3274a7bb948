"""A server with little memory takes a block in pieces."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.inserting import insert_watched
from pipeline.adapters.clickhouse.tables import DEAD_LETTERS, Block, block_of
from tests.contract.samples import NOON
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

ROWS = 6_000
MEMORY_BYTES = 30_000_000


class Counting:
    """Counts what was stored and what was refused."""

    def __init__(self) -> None:
        self.failed = self.rows = 0

    def sink_saved(self, _table: str, rows: int, _seconds: float) -> None:
        self.rows += rows

    def sink_failed(self, _table: str) -> None:
        self.failed += 1


@pytest.fixture
def small(clickhouse: ClickHouseProcess, migrated: str) -> Iterator[Client]:
    client = connect(clickhouse.url, database=migrated, settings={"max_memory_usage": str(MEMORY_BYTES)})
    yield client
    client.close()


def large_block() -> Block:
    rows = [("t", 0, number, 0, NOON, "not_json", "", "", b"x" * 3_000, 0) for number in range(ROWS)]
    block = block_of(DEAD_LETTERS, rows)
    assert block is not None
    return block


def test_a_block_beyond_the_servers_memory_is_stored_in_pieces(client: Client, small: Client) -> None:
    sink = Counting()
    insert_watched(small, large_block(), sink)
    assert sink.failed >= 1
    assert sink.rows == ROWS
    assert client.query("SELECT count() FROM dead_letters").result_rows == [(ROWS,)]
