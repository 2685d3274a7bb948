"""Rows in which two databases of one server differ.

The server hashes the rows of both, and this process reads only the buckets that differ: the views of a run of hours
would not fit into its memory.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from clickhouse_connect.driver.client import Client

from tests.end_to_end.views import VIEWS

BUCKETS: Final = 4_096
"""A row belongs to one of them by its hash; rows are read by whole buckets."""

Digests = dict[int, tuple[int, int]]
"""By bucket: how many rows are in it, and the sum of their hashes."""


def differing_rows(client: Client, found: str, expected: str) -> Iterator[str]:
    """The rows that the views of the database `found` have or lack in comparison with `expected`, view by view."""
    for view in VIEWS:
        ours, theirs = _digests(client, found, view), _digests(client, expected, view)
        buckets = [bucket for bucket in ours.keys() | theirs.keys() if ours.get(bucket) != theirs.get(bucket)]
        if buckets:
            has, lacks = _rows(client, found, view, buckets), _rows(client, expected, view, buckets)
            yield from (f"{view} has {row}" for row in (has - lacks).elements())
            yield from (f"{view} lacks {row}" for row in (lacks - has).elements())


def _digests(client: Client, database: str, view: str) -> Digests:
    counted = f"SELECT hash % {BUCKETS}, count(), sum(hash) FROM ({_hashed(database, view)}) GROUP BY 1"
    return {bucket: (rows, total) for bucket, rows, total in client.query(counted).result_rows}


def _rows(client: Client, database: str, view: str, buckets: list[int]) -> Counter[str]:
    chosen = f"SELECT row FROM ({_hashed(database, view)}) WHERE hash % {BUCKETS} IN {{buckets:Array(UInt64)}}"
    return Counter(str(row) for (row,) in client.query(chosen, parameters={"buckets": buckets}).result_rows)


def _hashed(database: str, view: str) -> str:
    """Every row of a view as JSON, with a hash of it."""
    row = f"formatRowNoNewline('JSONEachRow', {VIEWS[view]})"
    return f"SELECT {row} AS row, sipHash64(row) AS hash FROM {database}.{view}"
