"""Whether the store accepts rows: one that answers may still be read-only or full."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from agents.outage import Outage
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.store import Store, StoredMailbox, StoreUnavailableError

T = TypeVar("T")

log = logging.getLogger("touchline.worker")


class StoreWatch:
    """Wraps a store: knows which calls failed last, and logs when saving begins to fail and when it works again."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        self._store = store
        self._failing: set[str] = set()
        """The kinds of calls that failed last."""
        self._unsaved = Outage(
            log,
            begins="the store accepts no rows, saves are retried",
            ends="the store accepts rows again",
            clock=clock,
        )

    @property
    def available(self) -> bool:
        """Whether the last call of each kind succeeded; callers retry a failed call until it does."""
        return not self._failing

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """See `Store.claim`."""
        return await self._seen("claim", self._store.claim(partitions))

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        """See `Store.load`."""
        return await self._seen("load", self._store.load(identifiers))

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        """See `Store.save`."""
        try:
            await self._seen("save", self._store.save(changes, versions))
        except StoreUnavailableError as error:
            self._unsaved.lasts(error)
            raise
        self._unsaved.is_over()

    async def ask(self, wakes: Sequence[Wake], versions: Mapping[int, int]) -> None:
        """See `Store.ask`."""
        await self._seen("ask", self._store.ask(wakes, versions))

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        """See `Store.due`."""
        return await self._seen("due", self._store.due(partitions, until, limit, since))

    async def _seen(self, kind: str, call: Awaitable[T]) -> T:
        try:
            result = await call
        except StoreUnavailableError:
            self._failing.add(kind)
            raise
        self._failing.discard(kind)
        return result
