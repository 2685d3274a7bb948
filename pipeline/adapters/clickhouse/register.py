"""The register of who counts what, in ClickHouse."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import as_parameter, chunks
from pipeline.adapters.clickhouse.client import ONE_THREAD
from pipeline.adapters.clickhouse.counted import counted_block, counted_key
from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.inserting import NoSink, Sink, insert, question_watched
from pipeline.adapters.clickhouse.tables import COUNTED, FRICTIONS

_CLAIMS: Final = """
SELECT name, claim FROM counted_rows FINAL PREWHERE name IN JSONExtract($names$, 'Array(String)')
"""
# Without FINAL, which would merge the customers' rows of all parts: the versions of the wanted frictions are enough.
STANDING: Final = """
SELECT DISTINCT friction_id
FROM
(
    SELECT customer, friction_id
    FROM friction_rows
    WHERE friction_id IN JSONExtract($names$, 'Array(String)')
    GROUP BY customer, friction_id
    HAVING argMax(is_deleted, row_version) = 0
)
"""


class ClickHouseRegister:
    """Implements `pipeline.stitching.register.Register` over a migrated database.

    The earliest claim on a name, by the server's clock, counts. Of two that arrive within the few milliseconds of one
    insert, both may have been told that they were first.
    """

    def __init__(self, client: Client, sink: Sink | None = None) -> None:
        """Use a client without a session, which the caller closes; `sink` is told which queries fail."""
        self._client = client
        self._sink = sink or NoSink()

    async def claim(self, claims: Mapping[str, int]) -> None:
        """See `Register.claim`."""
        block = counted_block(claims)
        if block is not None:
            with question_watched(self._sink, COUNTED):
                await asyncio.to_thread(insert, self._client, block)

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        """See `Register.won`."""
        if not claims:
            return ()
        with question_watched(self._sink, COUNTED):
            return await asyncio.to_thread(_won, self._client, claims)

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """See `Register.standing`."""
        if not friction_ids:
            return ()
        with question_watched(self._sink, FRICTIONS):
            return await asyncio.to_thread(_standing, self._client, friction_ids)


def _won(client: Client, claims: Mapping[str, int]) -> list[str]:
    names = {counted_key(name): name for name in claims}
    found: list[str] = []
    with store_errors():
        for chunk in chunks(names):
            rows = client.query(_CLAIMS, parameters=as_parameter(chunk), settings=dict(ONE_THREAD)).result_rows
            first = {names[str(key)]: claim for key, claim in rows}
            found += [name for name, claim in first.items() if claim == claims[name]]
    return found


def _standing(client: Client, friction_ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    with store_errors():
        for chunk in chunks(friction_ids):
            found += [str(row[0]) for row in client.query(STANDING, parameters=as_parameter(chunk)).result_rows]
    return found
