"""The stitching store on ClickHouse."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, Final, ParamSpec, TypeVar

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import chunks
from pipeline.adapters.clickhouse.claims import require_claims, try_claim
from pipeline.adapters.clickhouse.client import ONE_THREAD
from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.inserting import NoSink, Sink, question_watched
from pipeline.adapters.clickhouse.isolating import insert_isolated
from pipeline.adapters.clickhouse.loading import load
from pipeline.adapters.clickhouse.rows import blocks
from pipeline.adapters.clickhouse.tables import CLAIMS, MAILBOXES, TOUCHPOINTS, WAKES, Block, Table
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.store import RefusedRow, RowsRefusedError, StoredMailbox

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_PAUSE_SECONDS: Final = 0.2
_random: Final = random.SystemRandom()
DUE: Final = """
SELECT customer, toUnixTimestamp64Milli(at)
FROM wake_rows FINAL
WHERE partition IN {partitions:Array(UInt32)}
    AND at BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
ORDER BY at, customer
LIMIT {limit:UInt64}
"""


class ClickHouseStore:
    """Implements `pipeline.stitching.store.Store` over a migrated database.

    The client's calls block, so they run in threads of the store's own: the inserts of a save, and the chunks of a
    large load, run in parallel.
    """

    def __init__(
        self, client: Client, catalogue: Mapping[str, Touchpoint], *, threads: int = 8, sink: Sink | None = None
    ) -> None:
        """Use a client, which the caller closes.

        Args:
            client: Connected to the migrated database, without a session: calls on it overlap.
            catalogue: Touchpoint of each event type, for the columns that analysts read with an event.
            threads: Calls that may run at once.
            sink: Told the outcome of each insert, and which queries fail.
        """
        self._sink = sink or NoSink()
        self._client = client
        self._catalogue = catalogue
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="clickhouse")

    def close(self) -> None:
        """Wait for running calls, and end the threads."""
        self._threads.shutdown()

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """See `Store.claim`."""
        claimed: dict[int, int] = {}
        while wanted := sorted(set(partitions) - claimed.keys()):
            claimed |= await self._ask(CLAIMS, try_claim, wanted)
            if wanted != sorted(claimed):
                await asyncio.sleep(_random.uniform(0, _LONGEST_PAUSE_SECONDS))
        return claimed

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        """See `Store.load`."""
        wanted = chunks(sorted(set(identifiers)))
        parts = await asyncio.gather(*(self._ask(MAILBOXES, load, chunk) for chunk in wanted))
        return {identifier: mailbox for part in parts for identifier, mailbox in part.items()}

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        """See `Store.save`. When it fails, some tables may have been written: the caller saves again."""
        await self._ask(CLAIMS, require_claims, versions)
        made = blocks(changes, versions, self._catalogue)
        await self._insert([block for block in made if block.table is TOUCHPOINTS])
        await self._ask(CLAIMS, require_claims, versions)
        # A wake stored too early causes one needless check, but a withdrawn one must be stored last.
        last = [WAKES] if any(wake.done for wake in changes.wakes) else []
        await self._insert([block for block in made if block.table not in (TOUCHPOINTS, *last)])
        await self._insert([block for block in made if block.table in last])

    async def ask(self, wakes: Sequence[Wake], versions: Mapping[int, int]) -> None:
        """See `Store.ask`."""
        await self._insert(blocks(Changes(wakes=list(wakes)), versions, self._catalogue))

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        """See `Store.due`."""
        wanted = sorted(partitions)
        asked = {"partitions": wanted, "since": since, "until": until, "limit": limit}
        return await self._ask(WAKES, _due, asked) if wanted else []

    async def _insert(self, blocks: Sequence[Block]) -> None:
        """Insert blocks in parallel; raises the first failure when all have ended."""
        outcomes = await asyncio.gather(
            *(self._run(insert_isolated, self._client, block, self._sink) for block in blocks), return_exceptions=True
        )
        refused: list[RefusedRow] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            refused += outcome
        if refused:
            raise RowsRefusedError(refused)

    async def _ask(
        self, table: Table, call: Callable[Concatenate[Client, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with question_watched(self._sink, table):
            return await self._run(call, self._client, *args, **kwargs)

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))


def _due(client: Client, asked: Mapping[str, object]) -> list[tuple[str, int]]:
    with store_errors():
        rows = client.query(DUE, parameters=dict(asked), settings=dict(ONE_THREAD)).result_rows
        return [(customer, at) for customer, at in rows]
