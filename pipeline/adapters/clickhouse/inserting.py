"""Insert a block of rows, column by column."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import ONE_THREAD
from pipeline.adapters.clickhouse.errors import TooLargeError, store_errors
from pipeline.adapters.clickhouse.tables import Block, Table
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

_DURABLE: Final = {"async_insert": 0}
"""Overrides the server's profile: an acknowledged insert is stored, and visible to the next query."""


class Sink(Protocol):
    """Told the outcome of each insert, and which queries fail, in any thread."""

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """Rows were stored."""
        ...

    def sink_failed(self, table: str) -> None:
        """An insert failed or its outcome is unknown, or a query about the table failed."""
        ...


class NoSink:
    """Ignores everything."""

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """See `Sink.sink_saved`."""

    def sink_failed(self, table: str) -> None:
        """See `Sink.sink_failed`."""


@contextlib.contextmanager
def question_watched(sink: Sink, table: Table) -> Iterator[None]:
    """Tell the sink if a query about a table fails inside."""
    try:
        yield
    except (StoreUnavailableError, StoreRejectedError):
        sink.sink_failed(table.name)
        raise


def insert_watched(client: Client, block: Block, sink: Sink) -> None:
    """Write a block as `insert` does, and tell the sink.

    A block too large for the server's memory is tried in halves, down to a single row, before it counts as an outage.
    """
    began = time.monotonic()
    try:
        insert(client, block)
    except Exception as error:
        sink.sink_failed(block.table.name)
        if not isinstance(error, TooLargeError) or len(block.columns[0]) == 1:
            raise
    else:
        sink.sink_saved(block.table.name, len(block.columns[0]), time.monotonic() - began)
        return
    for half in halves(block):
        insert_watched(client, half, sink)


def halves(block: Block) -> Iterator[Block]:
    """Two blocks with the rows of one."""
    middle = len(block.columns[0]) // 2
    for part in (slice(None, middle), slice(middle, None)):
        yield Block(block.table, [column[part] for column in block.columns])


def insert(client: Client, block: Block, settings: Mapping[str, str | int] | None = None) -> None:
    """Write a block; returns when it is stored.

    Args:
        client: Connected to the migrated database.
        block: What to write.
        settings: ClickHouse settings for this insert, in addition to the client's.

    Raises:
        StoreUnavailableError: It may or may not have been written; writing it again does no harm.
        StoreRejectedError: The server refuses these rows.
    """
    with store_errors():
        context = client.create_insert_context(
            block.table.name,
            column_names=list(block.table.columns),
            column_type_names=list(block.table.columns.values()),  # saves a DESCRIBE for each insert
            column_oriented=True,
            settings={**ONE_THREAD, **_DURABLE, **(settings or {})},
            data=block.columns,
        )
        try:
            client.insert(context=context)
        finally:
            vars(context).clear()  # it refers to itself, and would keep megabytes until cycles are searched for
