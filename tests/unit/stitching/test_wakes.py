"""Which wakes are asked for: only those that may be open, whatever the clock does."""

from collections.abc import Iterable, Sequence

from pipeline.adapters.memory.store import MemoryStore
from tests.unit.stitching.test_stitcher import HOUR, NOON, deliver, event, kinds, started

MINUTE = 60_000


class Asked(MemoryStore):
    """A store that notes from when on it was asked for wakes."""

    def __init__(self) -> None:
        super().__init__()
        self.since: list[int] = []

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        self.since.append(since)
        return await super().due(partitions, until, limit, since)


async def test_what_is_done_is_not_read_again() -> None:
    store = Asked()
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("checkout_started", 0))
    while batch := await stitcher.wake(NOON + 2 * HOUR):
        await stitcher.save(batch)
    assert kinds(store) == ["checkout_abandoned"]
    assert await stitcher.wake(NOON + 3 * HOUR) is None
    assert store.since == [0, 0, NOON + 2 * HOUR - MINUTE]


async def test_a_new_partition_is_asked_about_from_the_beginning() -> None:
    store = Asked()
    stitcher = await started(store)
    await stitcher.wake(NOON)
    await stitcher.assign([1])
    await stitcher.wake(NOON + 1)
    assert store.since == [0, 0]


async def test_a_clock_that_is_set_back_misses_no_deadline() -> None:
    store = Asked()
    stitcher = await started(store)
    assert await stitcher.wake(NOON + 30 * HOUR) is None
    await deliver(stitcher, NOON, event("checkout_started", 0))
    while batch := await stitcher.wake(NOON + 2 * HOUR):
        await stitcher.save(batch)
    assert kinds(store) == ["checkout_abandoned"]
