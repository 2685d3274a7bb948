"""Rows of what a batch takes away."""

from pipeline.adapters.clickhouse.rows import blocks
from pipeline.adapters.clickhouse.tables import FRICTIONS, JOURNEYS, TOUCHPOINTS
from pipeline.stitching.changes import Changes, CustomerChanges


def test_a_row_that_is_taken_away_has_all_columns_of_its_table() -> None:
    gone = CustomerChanges(
        "customer_id:1", 3, touches_gone={b"k" * 16}, journeys_gone=["0" * 32], frictions_gone=["1" * 32]
    )
    made = {block.table.name: block.columns for block in blocks(Changes(customers=[gone]), {3: 1}, {})}
    assert {name: len(columns) for name, columns in made.items()} == {
        table.name: len(table.columns) for table in (TOUCHPOINTS, JOURNEYS, FRICTIONS)
    }
