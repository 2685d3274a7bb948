"""Looking for deadlines that have passed reads few rows, however many are open or done."""

import json
from typing import Final

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.store import DUE, ClickHouseStore
from pipeline.stitching.changes import Changes, Wake
from tests.contract.samples import NOON

pytestmark = pytest.mark.server

OPEN: Final = 40_000
DONE: Final = 20_000
PARTITIONS: Final = range(4)
DAY: Final = 86_400_000
HOUR: Final = 3_600_000
GRANULE: Final = 1024
FIRST: Final = dict.fromkeys(PARTITIONS, 1 << 40)
LATER: Final = dict.fromkeys(PARTITIONS, (1 << 40) + 1)


def spread(count: int, start: int, length: int, *, done: bool = False) -> Changes:
    return Changes(
        wakes=[
            Wake(f"customer_id:{number}", number % len(PARTITIONS), start + number * length // count, done)
            for number in range(count)
        ]
    )


def rows_read(client: Client, since: int) -> int:
    asked = {"partitions": list(PARTITIONS), "since": since, "until": NOON, "limit": 500}
    answer = json.loads(client.raw_query(DUE, parameters=asked, fmt="JSONCompact"))
    read: int = answer["statistics"]["rows_read"]
    return read


async def test_neither_open_nor_done_deadlines_are_scanned(client: Client, store: ClickHouseStore) -> None:
    await store.save(spread(OPEN, NOON + DAY, 60 * DAY), FIRST)
    await store.save(spread(DONE, NOON - HOUR, HOUR), FIRST)
    await store.save(spread(DONE, NOON - HOUR, HOUR, done=True), LATER)
    await store.save(spread(500, NOON - 1_000, 1_000), FIRST)
    client.command("OPTIMIZE TABLE wake_rows FINAL")
    since = NOON - 60_000
    found = await store.due(PARTITIONS, NOON, 500, since)
    assert len(found) == 500
    assert rows_read(client, since) <= 2 * GRANULE * len(PARTITIONS) + 1_000
    assert rows_read(client, 0) > DONE
