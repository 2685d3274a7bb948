"""Find the rows of a block that the server refuses, and insert the others."""

from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import BadRowError
from pipeline.adapters.clickhouse.inserting import Sink, halves, insert_watched
from pipeline.adapters.clickhouse.tables import FRICTIONS, JOURNEYS, TOUCHPOINTS, Block
from pipeline.stitching.store import RefusedRow, RowKind

ISOLATED: Final = {
    TOUCHPOINTS.name: RowKind.TOUCHPOINT,
    JOURNEYS.name: RowKind.JOURNEY,
    FRICTIONS.name: RowKind.FRICTION,
}
"""The tables whose refused rows are given up: those that analysts read, and may put constraints and views on.
Mailboxes and wakes are not among them: an identity must not be lost."""
ALL_BAD: Final = 20
"""If the first so many rows tried one by one are all refused, their content is not the cause."""
_LONGEST_DETAIL: Final = 500


class Isolation:
    """Inserts one block, except the rows that are refused."""

    def __init__(self, client: Client, sink: Sink) -> None:
        self._client = client
        self._sink = sink
        self._inserted = 0
        self.refused: list[RefusedRow] = []

    def insert(self, block: Block) -> None:
        """Insert all rows that the server accepts; `refused` has the others.

        Halves refused blocks: each bad row among n costs about 2 log₂ n inserts.

        Raises:
            StoreUnavailableError: Some rows may have been written; writing them again does no harm.
            StoreRejectedError: The rows are not at fault, or must not be given up.
        """
        try:
            insert_watched(self._client, block, self._sink)
        except BadRowError as error:
            if block.table.name not in ISOLATED or (not self._inserted and len(self.refused) >= ALL_BAD):
                raise
            if len(block.columns[0]) == 1:
                self.refused.append(_row(block, error))
                return
            for half in halves(block):
                self.insert(half)
        else:
            self._inserted += len(block.columns[0])


def _row(block: Block, error: BadRowError) -> RefusedRow:
    customer, key = block.columns[0][0], block.columns[1][0]
    detail = f"ClickHouse refuses a row of {block.table.name}: {str(error).strip()}"[:_LONGEST_DETAIL]
    return RefusedRow(
        ISOLATED[block.table.name], str(customer), key if isinstance(key, bytes) else str(key).encode(), detail
    )


def insert_isolated(client: Client, block: Block, sink: Sink) -> list[RefusedRow]:
    """Insert a block except the rows that are refused, as `Isolation.insert` does; returns these."""
    isolation = Isolation(client, sink)
    isolation.insert(block)
    return isolation.refused
