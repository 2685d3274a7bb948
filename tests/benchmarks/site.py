"""A measurement's own broker and database."""

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.stack.schema import migrate_schema
from pipeline.settings.model import Settings
from tests.integration.agents.tansu import running_broker
from tests.servers.clickhouse import ClickHouseProcess

SETTINGS: Final = Settings()
RAW_PARTITIONS: Final = SETTINGS.topics.raw_partitions


class Database:
    """A migrated database on an endpoint."""

    def __init__(self, endpoint: ClickHouseProcess) -> None:
        name = f"bench_{uuid.uuid4().hex}"
        self.url = f"{endpoint.url}/{name}"
        self.process_id = endpoint.process_id
        migrate_schema(self.url, SETTINGS)
        self.client: Client = connect(self.url, timeout_seconds=600)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """The rows of a query."""
        return self.client.query(query).result_rows

    def number(self, query: str) -> int:
        """The only value of a query's result, as an integer."""
        ((found,),) = self.rows(query)
        return int(found)


@contextmanager
def new_endpoint() -> Iterator[ClickHouseProcess]:
    """A ClickHouse endpoint over an empty directory."""
    with tempfile.TemporaryDirectory() as folder, ClickHouseProcess(Path(folder) / "data") as endpoint:
        yield endpoint


@contextmanager
def new_database(endpoint: ClickHouseProcess) -> Iterator[Database]:
    """An empty database, dropped afterwards."""
    database = Database(endpoint)
    try:
        yield database
        database.client.command(f"DROP DATABASE {database.url.rpartition('/')[2]}")
    finally:
        database.client.close()


@contextmanager
def new_broker() -> Iterator[str]:
    """`host:port` of a broker with the pipeline's topics, empty."""
    with running_broker() as broker:
        with BrokerAdmin([broker]) as admin:
            ensure_topics(admin, SETTINGS.topics)
        yield broker
