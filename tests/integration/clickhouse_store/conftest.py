"""A migrated database of its own for each test."""

from collections.abc import Iterator
from itertools import count

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.contract.samples import CATALOGUE
from tests.servers.clickhouse import ClickHouseProcess

_numbers = count()


@pytest.fixture
def database(clickhouse: ClickHouseProcess) -> Iterator[str]:
    name = f"store_{next(_numbers)}"
    client = clickhouse.client()
    migrate(client, MigrationSettings(database=name))
    yield name
    client.command(f"DROP DATABASE {name}")
    client.close()


@pytest.fixture
def client(clickhouse: ClickHouseProcess, database: str) -> Iterator[Client]:
    client = clickhouse.client(database)
    yield client
    client.close()


@pytest.fixture
def store(client: Client) -> Iterator[ClickHouseStore]:
    store = ClickHouseStore(client, CATALOGUE)
    yield store
    store.close()
