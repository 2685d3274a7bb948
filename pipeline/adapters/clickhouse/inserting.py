"""Insert a block of rows, column by column."""

from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.tables import Block

_DURABLE: Final = {"async_insert": 0}
"""Whatever the server's profile says: an acknowledged insert is stored, and seen by the next query."""


def insert(client: Client, block: Block) -> None:
    """Write a block; returns when it is stored.

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
            settings=dict(_DURABLE),
        )
