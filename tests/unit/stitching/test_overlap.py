"""A batch that is processed while the one before it is saved."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

import pytest

from pipeline.adapters.memory.store import MemoryStore, Part
from pipeline.events.event import Event
from pipeline.identity.mailbox import decode_state
from pipeline.identity.messages import Message, Recall, Touch
from pipeline.identity.posting import post
from pipeline.stitching.batch import Batch
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.stitcher import FEWEST_AT_ONCE, MESSAGES_AT_A_STRETCH, Stitcher
from pipeline.stitching.store import (
    EPOCH_SHIFT,
    RefusedRow,
    RowKind,
    RowsRefusedError,
    StoredMailbox,
    StoreUnavailableError,
)
from tests.unit.stitching.test_stitcher import HOUR, IDENTITY, MINUTE, NOON, deliver, event, kinds, started


class Particular(MemoryStore):
    """Refuses the touchpoints of some events, and writes down what was loaded."""

    def __init__(self, *refused: Event) -> None:
        super().__init__()
        self.refused = {each.key for each in refused}
        self.loaded: list[str] = []

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        self.loaded += identifiers
        return await super().load(identifiers)

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        rows = [
            RefusedRow(RowKind.TOUCHPOINT, each.customer, key, "not sound")
            for each in changes.customers
            for key in each.touches.keys() & self.refused
        ]
        if rows:
            raise RowsRefusedError(rows)
        await super().save(changes, versions)


class Slow(Particular):
    """Takes as long to load as something else takes, and may fail the next time."""

    meanwhile: Awaitable[None] | None = None
    fails_then = False
    fails = False

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        waiting, self.meanwhile = self.meanwhile, None
        if waiting is not None:
            await waiting
            self.fails = self.fails_then
        elif self.fails:
            self.fails = False
            raise StoreUnavailableError("away")
        return await super().load(identifiers)


class Gated(Particular):
    """Says when it saves what is sound, and waits with it."""

    def __init__(self, *refused: Event) -> None:
        super().__init__(*refused)
        self.saving, self.gate = asyncio.Event(), asyncio.Event()

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        if not any(each.touches.keys() & self.refused for each in changes.customers):
            self.saving.set()
            await self.gate.wait()
        await super().save(changes, versions)


async def processed(stitcher: Stitcher, *events: Event) -> Batch:
    return await stitcher.process({0: [message for one in events for message in post(one, IDENTITY)]}, NOON)


def visited(minutes: float, customer: str = "customer_id:1") -> Event:
    return event("page_viewed", minutes, customer)


async def test_a_batch_builds_on_the_one_that_is_not_saved_yet() -> None:
    store = Particular()
    stitcher = await started(store)
    first = await processed(stitcher, visited(0))
    second = await processed(stitcher, visited(1))
    await stitcher.save(first)
    assert [journey.events for journey in store.journeys()] == [1]
    await stitcher.save(second)
    assert [journey.events for journey in store.journeys()] == [2]
    assert store.loaded == ["customer_id:1"]


async def test_what_is_not_saved_yet_stays_in_memory_however_small_that_is() -> None:
    store = Particular()
    stitcher = await started(store, cache_bytes=1)
    first = await processed(stitcher, visited(0))
    second = await processed(stitcher, visited(1))
    await stitcher.save(first)
    await stitcher.save(second)
    assert [journey.events for journey in store.journeys()] == [2]
    await processed(stitcher)
    assert len(stitcher.cache) == 0


async def test_what_builds_on_refused_rows_is_void_and_processed_again() -> None:
    poison, other = visited(0), "customer_id:2"
    store = Particular(poison)
    stitcher = await started(store)
    first = await processed(stitcher, poison, visited(1), visited(0, other))
    second = await processed(stitcher, visited(2), visited(1, other), visited(0, "customer_id:3"))
    await stitcher.save(first)
    assert len(first.refused) == 1
    assert second.void
    again = await processed(stitcher, visited(2), visited(1, other), visited(0, "customer_id:3"))
    assert not again.void
    await stitcher.save(again)
    assert {journey.customer: journey.events for journey in store.journeys()} == {
        "customer_id:1": 2,
        other: 2,
        "customer_id:3": 1,
    }


async def test_rows_that_are_refused_during_a_load_are_not_built_on() -> None:
    poison = visited(0)
    store = Slow(poison)
    stitcher = await started(store)
    first = await processed(stitcher, poison, visited(1))
    store.meanwhile = stitcher.save(first)
    second = await processed(stitcher, visited(2), visited(0, "customer_id:2"))
    assert len(first.refused) == 1
    assert not second.void
    await stitcher.save(second)
    assert {journey.customer: journey.events for journey in store.journeys()} == {
        "customer_id:1": 2,
        "customer_id:2": 1,
    }


async def test_rows_that_are_refused_during_a_long_batch_make_it_void() -> None:
    poison = visited(0)
    store = Particular(poison)
    stitcher = await started(store)
    first = await processed(stitcher, poison, visited(1))
    many = [visited(2, f"customer_id:{number}") for number in range(1, MESSAGES_AT_A_STRETCH + 2)]
    second, _ = await asyncio.gather(processed(stitcher, *many), stitcher.save(first))
    assert second.void
    await stitcher.save(await processed(stitcher, *many))
    events = {journey.customer: journey.events for journey in store.journeys()}
    assert events == {"customer_id:1": 2} | {f"customer_id:{number}": 1 for number in range(2, len(many) + 1)}


async def test_what_is_worked_out_while_the_rest_of_a_refused_batch_is_saved_does_not_undo_it() -> None:
    customer, poison = "customer_id:1", visited(0)
    store = Gated(poison)
    stitcher = await started(store)
    recall, touch = Recall(customer, "anonymous_id:h", 1), Touch(customer, poison, poison.time, ())
    first = await stitcher.process({0: [recall, touch]}, NOON)
    saving = asyncio.create_task(stitcher.save(first))
    await store.saving.wait()
    mail = {0: [Recall(customer, "anonymous_id:k", 1)]}
    second = await stitcher.process(mail, NOON)
    store.gate.set()
    await saving
    assert second.void
    await stitcher.save(await stitcher.process(mail, NOON))
    stored = decode_state(customer, (await store.load([customer]))[customer].state)
    assert stored.stale.keys() == {"anonymous_id:h", "anonymous_id:k"}


async def test_mail_of_what_was_routed_again_survives_a_second_load_that_fails() -> None:
    poison, before = visited(2, "customer_id:9"), visited(0, "anonymous_id:a")
    store = Slow(poison)
    stitcher = await started(store)
    await stitcher.save(await processed(stitcher, before))
    crashed = await processed(stitcher, event("page_viewed", 1, "customer_id:1", "anonymous_id:a"))
    store.apply(crashed.changes, crashed.versions, {Part.MAILBOXES})

    stitcher = await started(store)
    refused = await processed(stitcher, poison)
    store.meanwhile, store.fails_then = stitcher.save(refused), True
    new = visited(3, "customer_id:9"), visited(4, "anonymous_id:a")
    mail: list[Message] = [Touch(one.address, one, one.time, ()) for one in new]
    with pytest.raises(StoreUnavailableError):
        await stitcher.process({0: mail}, NOON)
    batch = await stitcher.process({0: mail}, NOON)
    sent = {message.event.key for message in batch.outgoing if isinstance(message, Touch)}
    assert sent == {before.key, new[1].key}


async def woken(store: MemoryStore, *customers: str, at: int = NOON) -> None:
    """Ask for customers to be folded again, as a former worker does."""
    await store.ask([Wake(customer, 0, at, done=False) for customer in customers], {0: EPOCH_SHIFT})


async def test_a_deadline_passes_while_a_batch_is_saved() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("checkout_started", 0))
    first = await processed(stitcher, event("page_viewed", 1))
    batch = await stitcher.wake(NOON + 2 * HOUR)
    assert batch is not None
    await stitcher.save(first)
    await stitcher.save(batch)
    assert kinds(store) == ["checkout_abandoned"]
    assert [journey.events for journey in store.journeys()] == [2]
    assert await stitcher.wake(NOON + 2 * HOUR) is None


async def test_a_wake_that_needs_what_is_not_saved_yet_waits_for_it_and_no_other_does() -> None:
    store = Particular()
    stitcher = await started(store)
    first = await processed(stitcher, visited(0))
    await woken(store, "customer_id:1", "customer_id:2")
    batch = await stitcher.wake(NOON)
    assert batch is not None
    assert batch.touched == {"customer_id:2": 0}
    empty = await stitcher.wake(NOON)
    assert empty is not None
    assert not empty.touched
    assert not empty.changes
    for each in first, batch, empty:
        await stitcher.save(each)
    last = await stitcher.wake(NOON)
    assert last is not None
    assert last.touched == {"customer_id:1": 0}
    await stitcher.save(last)
    assert store.loaded == ["customer_id:1", "customer_id:2", "customer_id:1"]
    assert [journey.events for journey in store.journeys()] == [1]
    assert await stitcher.wake(NOON) is None


async def test_a_deadline_whose_batch_took_long_to_save_is_not_missed() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    first = await processed(stitcher, event("checkout_started", 0))
    assert await stitcher.wake(NOON + 2 * HOUR) is None
    await stitcher.save(first)
    batch = await stitcher.wake(NOON + 2 * HOUR + MINUTE)
    assert batch is not None
    await stitcher.save(batch)
    assert kinds(store) == ["checkout_abandoned"]


async def test_customers_woken_one_after_the_other_do_not_pile_up_in_memory() -> None:
    store = MemoryStore()
    stitcher = await started(store, cache_bytes=1)
    await woken(store, *(f"customer_id:{number}" for number in range(5 * FEWEST_AT_ONCE)))
    most = 0
    while batch := await stitcher.wake(NOON):
        await stitcher.save(batch)
        most = max(most, len(stitcher.cache))
    assert most == FEWEST_AT_ONCE
