"""For how long the tables keep their rows."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from pipeline.settings.model import Retention

_DAYS: Final = re.compile(r"\bTTL .*toIntervalDay\((\d+)\)")

_LAST: Final = 2**32 - 1
"""The last moment of ClickHouse's DateTime, seconds since the epoch."""


class _Kept(NamedTuple):
    table: str
    column: str
    """The row's age counts from this time."""
    days: int
    has_tombstones: bool

    @property
    def expression(self) -> str:
        # DateTime ends in 2106 and wraps around at both ends: what was promised for 1900 would stay until 2036, and a
        # hundred years of retention take everything at once. A moment of 0 would be none.
        moment = f"toDateTime64({self.column}, 0, 'UTC') + toIntervalDay({self.days})"
        within = f"greatest(least({moment}, toDateTime64({_LAST}, 0, 'UTC')), toDateTime64(1, 0, 'UTC'))"
        # A tombstone outlives what it took away, or an older version of the row could come back.
        live_only = " DELETE WHERE is_deleted = 0" if self.has_tombstones else ""
        return f"toDateTime({within}, 'UTC'){live_only}"


def apply_retention(
    client: Client, database: str, retention: Retention, storage_table: Callable[[str], str], on_cluster: str = ""
) -> list[str]:
    """Alter the tables whose time to live differs from what is configured.

    Args:
        client: Connected as a user who may alter tables.
        database: Where they are.
        retention: What is configured.
        storage_table: Tells which table keeps the rows of another: on a cluster not the one that is read.
        on_cluster: The clause that makes a statement run on all servers.

    Returns:
        The tables that were altered.
    """
    altered = []
    for kept in _wanted(retention):
        table = storage_table(kept.table)
        if _current_days(client, database, table) not in (None, kept.days):
            client.command(_change(kept, f"{database}.{table} {on_cluster}"))
            altered.append(table)
    return altered


def initial_retention(
    database: str, retention: Retention, storage_table: Callable[[str], str], on_cluster: str
) -> Iterator[str]:
    """The statements by which tables without a time to live get what is configured."""
    for kept in _wanted(retention):
        if kept.days:
            yield _change(kept, f"{database}.{storage_table(kept.table)} {on_cluster}")


def _change(kept: _Kept, table: str) -> str:
    return f"ALTER TABLE {table} " + (f"MODIFY TTL {kept.expression}" if kept.days else "REMOVE TTL")


def _wanted(retention: Retention) -> list[_Kept]:
    return [
        _Kept("touchpoint_rows", "time", retention.touchpoints_days, has_tombstones=True),
        _Kept("journey_rows", "ended_at", retention.journeys_days, has_tombstones=True),
        _Kept("friction_rows", "time", retention.frictions_days, has_tombstones=True),
        _Kept("dead_letter_rows", "saved_at", retention.dead_letters_days, has_tombstones=False),
        _Kept("replay_rows", "replayed_at", retention.dead_letters_days, has_tombstones=False),
    ]


def _current_days(client: Client, database: str, table: str) -> int | None:
    """The days that the table keeps its rows for now; 0: for good; None: there is no such table."""
    found = client.query(
        "SELECT engine_full FROM system.tables WHERE database = {database:String} AND name = {table:String}",
        parameters={"database": database, "table": table},
    )
    if not found.result_rows:
        return None
    match = _DAYS.search(found.result_rows[0][0])
    return int(match[1]) if match else 0
