"""Makes a store as large as wanted, with copies of its rows for other customers."""

import time
from typing import Final

from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.benchmarks.in_process import CATALOGUE, kafka_records, new_intake, new_stitcher, posted, stitch, taken_in
from tests.benchmarks.load import Record
from tests.benchmarks.site import Database

_KEYS: Final = {
    "touchpoint_rows": "customer",
    "journey_rows": "customer",
    "friction_rows": "customer",
    "mailbox_rows": "identifier",
}
"""By table, the column that names the mailbox."""
MERGE_SECONDS: Final = 90.0


async def take_in(database: Database, records: list[Record]) -> None:
    """Take records in with an empty cache, as a worker does that has just been started."""
    store = ClickHouseStore(database.client, CATALOGUE.touchpoints)
    await stitch(await new_stitcher(store), posted(taken_in(new_intake(), kafka_records(records))))
    store.close()


class Ballast:
    """Copies of everything that a database holds now. A copy's mailboxes have other names, spread over all keys."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._copies = 0
        for table in _KEYS:
            database.client.command(
                f"CREATE TABLE template_{table} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM {table} FINAL"
            )
        self._one = database.number("SELECT count() FROM template_touchpoint_rows")

    def grow(self, touchpoints: int) -> int:
        """Add copies until about `touchpoints` are stored, and wait for merges; returns how many there are."""
        wanted = max(0, round(touchpoints / self._one) - 1)
        if wanted > self._copies:
            for table, key in _KEYS.items():
                self._database.client.command(
                    f"INSERT INTO {table} SELECT * EXCEPT copy"
                    f" REPLACE(concat(substringIndex({key}, ':', 1), ':', lower(hex(sipHash64({key}, copy)))) AS {key})"
                    f" FROM template_{table} CROSS JOIN"
                    f" (SELECT number AS copy FROM numbers({self._copies}, {wanted - self._copies})) AS copies"
                )
            self._copies = wanted
        self._settle()
        return self._database.number("SELECT count() FROM touchpoint_rows")

    def _settle(self) -> None:
        """Wait for merges in progress: their cost would count for whatever is measured next."""
        deadline = time.monotonic() + MERGE_SECONDS
        idle = 0
        while idle < 3 and time.monotonic() < deadline:
            idle = 0 if self._database.number("SELECT count() FROM system.merges") else idle + 1
            time.sleep(0.3)
