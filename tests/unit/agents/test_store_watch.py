"""A store that answers and takes nothing is not available, and the log says from when to when."""

from typing import cast

import pytest

from agents.store_watch import StoreWatch
from pipeline.stitching.changes import Changes
from pipeline.stitching.store import RefusedRow, RowKind, RowsRefusedError, Store, StoreUnavailableError


class ReadOnlyStore:
    """Answers whatever is asked; what is saved meets the error, if there is one."""

    def __init__(self) -> None:
        self.error: Exception | None = StoreUnavailableError("Table is in readonly mode")

    async def due(self, *_: object) -> list[tuple[str, int]]:
        return []

    async def save(self, *_: object) -> None:
        if self.error is not None:
            raise self.error


async def test_a_store_that_only_answers_is_not_available(caplog: pytest.LogCaptureFixture) -> None:
    store, seconds = ReadOnlyStore(), [0.0]
    watch = StoreWatch(cast("Store", store), lambda: seconds[0])
    assert watch.available
    for seconds[0] in (1.0, 2.0, 4.0):
        with pytest.raises(StoreUnavailableError):
            await watch.save(Changes(), {})
        assert await watch.due([0], 0, 1) == []
        assert not watch.available
    store.error, seconds[0] = None, 8.0
    await watch.save(Changes(), {})
    assert watch.available
    assert [record.getMessage() for record in caplog.records] == [
        "the store accepts no rows, saves are retried: Table is in readonly mode",
        "the store accepts rows again, after 7 s",
    ]


async def test_rows_that_are_refused_are_no_outage() -> None:
    store = ReadOnlyStore()
    store.error = RowsRefusedError([RefusedRow(RowKind.TOUCHPOINT, "customer_id:1", b"key", "a constraint")])
    watch = StoreWatch(cast("Store", store))
    with pytest.raises(RowsRefusedError):
        await watch.save(Changes(), {})
    assert watch.available
