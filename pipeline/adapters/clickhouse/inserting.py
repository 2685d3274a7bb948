"""Insert a block of rows, column by column."""

import time
from collections.abc import Mapping
from typing import Final, Protocol

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.tables import Block

_DURABLE: Final = {"async_insert": 0}
"""Whatever the server's profile says: an acknowledged insert is stored, and seen by the next query."""


class Sink(Protocol):
    """Is told what becomes of each insert, in the thread that makes it."""

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """Rows were stored."""
        ...

    def sink_failed(self, table: str) -> None:
        """They were not, or it is not known."""
        ...


class NoSink:
    """Does not care."""

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """See `Sink.sink_saved`."""

    def sink_failed(self, table: str) -> None:
        """See `Sink.sink_failed`."""


def insert_watched(client: Client, block: Block, sink: Sink) -> None:
    """Write a block as `insert` does, and tell the sink."""
    began = time.monotonic()
    try:
        insert(client, block)
    except Exception:
        sink.sink_failed(block.table.name)
        raise
    sink.sink_saved(block.table.name, len(block.columns[0]), time.monotonic() - began)


def insert(client: Client, block: Block, settings: Mapping[str, str | int] | None = None) -> None:
    """Write a block; returns when it is stored.

    Args:
        client: Connected to the migrated database.
        block: What to write.
        settings: Settings of ClickHouse for this insert, beside the client's.

    Raises:
        StoreUnavailableError: It may or may not have been written; writing it again does no harm.
        StoreRejectedError: The server refuses these rows.
    """
    names, types = list(block.table.columns), list(block.table.columns.values())
    with store_errors():
        client.insert(
            block.table.name,
            block.columns,
            column_names=names,
            column_type_names=types,  # saves a DESCRIBE for each insert
            column_oriented=True,
            settings={**_DURABLE, **(settings or {})},
        )
