"""What a batch says is new: each thing once, whatever is delivered again, rewritten or loaded afresh."""

from pipeline.adapters.memory.store import MemoryStore
from pipeline.events.event import Event
from pipeline.stitching.batch import Batch
from tests.unit.stitching.test_stitcher import HOUR, NOON, deliver, event, started

DAY = 24 * HOUR


def settled(batches: list[Batch]) -> list[str]:
    return [one.id for batch in batches for one in batch.settled]


def closed(batches: list[Batch]) -> list[str]:
    return [journey.outcome for batch in batches for journey in batch.closed]


async def test_an_event_settles_once_though_its_row_is_written_again() -> None:
    stitcher = await started(MemoryStore())
    first, earlier = event("page_viewed", 10), event("page_viewed", 0)
    assert settled(await deliver(stitcher, NOON + HOUR, first, first)) == [first.id]
    batches = await deliver(stitcher, NOON + HOUR, earlier)
    assert len(batches[0].changes.customers[0].touches) == 2  # the journey has another first event, and another id
    assert settled(batches) == [earlier.id]


async def test_a_replay_after_a_restart_settles_and_raises_nothing() -> None:
    store = MemoryStore()
    checkout = event("checkout_started", 0)
    batches = await deliver(await started(store), NOON + 2 * HOUR, checkout)
    assert [friction.kind for batch in batches for friction in batch.raised] == ["checkout_abandoned"]
    again = await deliver(await started(store), NOON + 2 * HOUR, checkout)
    assert settled(again) == []
    assert [batch.raised for batch in again] == [[]]


async def test_a_forwarded_event_does_not_settle() -> None:
    stitcher = await started(MemoryStore())
    await deliver(stitcher, NOON + HOUR, event("page_viewed", 0, "customer_id:42", "anonymous_id:a"))
    assert settled(await deliver(stitcher, NOON + HOUR, event("page_viewed", 1, "anonymous_id:a"))) == []


async def test_a_closed_journey_closes_once() -> None:
    store = MemoryStore()
    history: list[Event] = [event("page_viewed", 10), event("checkout_started", 20), event("page_viewed", 0)]
    now = NOON + 100 * DAY
    stitcher = await started(store)
    outcomes = [closed(await deliver(stitcher, now, one)) for one in history]
    assert outcomes == [["browsing"], [], []]
    assert closed(await deliver(await started(store), now, event("page_viewed", 30))) == []
