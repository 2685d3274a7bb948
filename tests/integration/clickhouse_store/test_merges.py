"""What small inserts cost afterwards."""

import pytest
from clickhouse_connect.driver.client import Client

from tests.waiting import eventually

FILL = """
INSERT INTO {table} ({key}, row_version, {long})
SELECT 'filled ' || toString(number), 1, randomPrintableASCII(80) FROM numbers(10000)
"""
ADD = "INSERT INTO {table} ({key}, row_version) VALUES ('new {number}', 1)"
LARGEST = """
SELECT level FROM system.parts WHERE active AND database = currentDatabase() AND table = {table:String}
ORDER BY rows DESC LIMIT 1
"""
IDLE = "SELECT count() FROM system.merges WHERE database = currentDatabase()"
INSERTS = 40
MOST_MERGES = 4


@pytest.mark.parametrize(
    ("table", "key", "long"),
    [
        ("touchpoint_rows", "customer", "data"),
        ("mailbox_rows", "identifier", "state"),
        ("journey_rows", "customer", "journey_id"),
        ("friction_rows", "customer", "friction_id"),
    ],
)
def test_a_large_part_is_not_merged_with_every_small_one(client: Client, table: str, key: str, long: str) -> None:
    client.command(FILL.format(table=table, key=key, long=long))
    before = level(client, table)
    for number in range(INSERTS):
        client.command(ADD.format(table=table, key=key, number=number))
        assert eventually(lambda: client.command(IDLE) == 0, look_every=0.02), "a merge does not end"
    assert level(client, table) - before <= MOST_MERGES


def level(client: Client, table: str) -> int:
    """How often what is in the largest part was merged."""
    ((found,),) = client.query(LARGEST, parameters={"table": table}).result_rows
    return int(found)
