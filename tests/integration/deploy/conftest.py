"""An engine with clusters configured, and databases whose tables are laid out for them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import MigrationSettings, schema
from tests.servers.clickhouse import ClickHouseProcess

CONFIGURATION = Path(__file__).with_name("cluster.xml")

# The embedded engine has no Keeper, so it can run neither ON CLUSTER statements nor replication.
_ON_CLUSTER = re.compile(r" ON CLUSTER \w+")
_REPLICATED = re.compile(r"ENGINE = Replicated(\w+)\('/[^']*', '[^']*'(?:, )?")


def without_keeper(statement: str) -> str:
    """The statement for a table that is not replicated."""
    return _REPLICATED.sub(r"ENGINE = \1(", _ON_CLUSTER.sub("", statement))


def lay_out(client: Client, database: str, cluster: str) -> None:
    """Create the tables of this process's server, and the Distributed ones over the cluster."""
    for statement in schema(MigrationSettings(database=database, cluster=cluster)):
        client.command(without_keeper(statement))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    directory = tmp_path_factory.mktemp("clustered")
    process = ClickHouseProcess(directory / "data", "--configuration", str(CONFIGURATION))
    process.start()
    client = process.client()
    lay_out(client, "here", "here")
    lay_out(client, "elsewhere", "elsewhere")
    client.close()
    yield process
    process.kill()  # on a graceful stop, Replicated tables would wait for a Keeper


@pytest.fixture
def server(engine: ClickHouseProcess) -> Iterator[Client]:
    client = engine.client()
    yield client
    client.close()
