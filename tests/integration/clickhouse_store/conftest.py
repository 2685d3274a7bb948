"""A migrated database, emptied before each test."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.contract.samples import CATALOGUE
from tests.servers.clickhouse import ClickHouseProcess

DATABASE = "stitching"
_TABLES = "SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(name, '_rows')"


@pytest.fixture(scope="session")
def migrated(clickhouse: ClickHouseProcess) -> str:
    client = clickhouse.client()
    migrate(client, MigrationSettings(database=DATABASE))
    client.close()
    return DATABASE


@pytest.fixture
def client(clickhouse: ClickHouseProcess, migrated: str) -> Iterator[Client]:
    client = clickhouse.client(migrated)
    for (table,) in client.query(_TABLES, parameters={"database": migrated}).result_rows:
        if client.query(f"SELECT 1 FROM {table} LIMIT 1").result_rows:
            client.command(f"TRUNCATE TABLE {table}")
    yield client
    client.close()


@pytest.fixture
def store(client: Client) -> Iterator[ClickHouseStore]:
    store = ClickHouseStore(client, CATALOGUE)
    yield store
    store.close()
