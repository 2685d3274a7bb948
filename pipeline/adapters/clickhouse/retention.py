"""How long the tables keep their rows."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from pipeline.settings.model import Retention

_TTL: Final = re.compile(r" (TTL .*?)(?: SETTINGS |$)")

_LAST: Final = 2**32 - 1
"""The last moment of ClickHouse's DateTime, seconds since the epoch."""


class _Kept(NamedTuple):
    table: str
    column: str
    """The row's age counts from this time."""
    days: int
    has_tombstones: bool

    @property
    def time_to_live(self) -> str:
        """The TTL clause of the table; empty: rows are kept for good."""
        if not self.days:
            return ""
        # DateTime ends in 2106 and wraps around at both ends: a row of 1900 would stay until 2036, and a retention of a
        # hundred years would delete everything at once. A TTL of 0 would count as none.
        moment = f"toDateTime64({self.column}, 0, 'UTC') + toIntervalDay({self.days})"
        within = f"greatest(least({moment}, toDateTime64({_LAST}, 0, 'UTC')), toDateTime64(1, 0, 'UTC'))"
        # A tombstone must outlive what it deletes, or an older version of the row could come back.
        live_only = " DELETE WHERE is_deleted = 0" if self.has_tombstones else ""
        return f"TTL toDateTime({within}, 'UTC'){live_only}"


def apply_retention(
    client: Client, database: str, retention: Retention, storage_table: Callable[[str], str], on_cluster: str = ""
) -> list[str]:
    """Alter the tables whose time to live differs from what is configured.

    Args:
        client: Connected as a user who may alter tables.
        database: Where they are.
        retention: What is configured.
        storage_table: Gives the table that stores the rows of a table: on a cluster not the one that is read.
        on_cluster: The clause that makes a statement run on all servers.

    Returns:
        The tables that were altered.
    """
    altered = []
    for kept in _wanted(retention):
        table = storage_table(kept.table)
        if _differs(client, database, table, kept.time_to_live):
            client.command(_change(kept, f"{database}.{table} {on_cluster}"))
            altered.append(table)
    return altered


def initial_retention(
    database: str, retention: Retention, storage_table: Callable[[str], str], on_cluster: str
) -> Iterator[str]:
    """The statements that give tables without a time to live the configured one."""
    for kept in _wanted(retention):
        if kept.days:
            yield _change(kept, f"{database}.{storage_table(kept.table)} {on_cluster}")


def _change(kept: _Kept, table: str) -> str:
    return f"ALTER TABLE {table} " + (f"MODIFY {kept.time_to_live}" if kept.days else "REMOVE TTL")


def _wanted(retention: Retention) -> list[_Kept]:
    return [
        _Kept("touchpoint_rows", "time", retention.touchpoints_days, has_tombstones=True),
        _Kept("journey_rows", "ended_at", retention.journeys_days, has_tombstones=True),
        _Kept("friction_rows", "time", retention.frictions_days, has_tombstones=True),
        _Kept("dead_letter_rows", "saved_at", retention.dead_letters_days, has_tombstones=False),
        _Kept("replay_rows", "replayed_at", retention.dead_letters_days, has_tombstones=False),
    ]


def _differs(client: Client, database: str, table: str, time_to_live: str) -> bool:
    """Whether the table exists with another time to live; both are compared as the server writes them."""
    found = client.query(
        "SELECT engine_full, formatQuerySingleLine({wanted:String}) FROM system.tables"
        " WHERE database = {database:String} AND name = {table:String}",
        parameters={
            "wanted": f"CREATE TABLE t ENGINE = MergeTree ORDER BY tuple() {time_to_live}",
            "database": database,
            "table": table,
        },
    )
    return any(_TTL.findall(engine) != _TTL.findall(wanted) for engine, wanted in found.result_rows)
