"""Touches that a link hands over reach a customer at work in the batch of the link."""

import asyncio

import pytest

from pipeline.adapters.memory.store import MemoryStore
from pipeline.events.event import Event
from pipeline.identity.messages import Link, Message, Touch
from pipeline.identity.posting import post
from pipeline.stitching import stitcher as module
from pipeline.stitching.batch import Batch
from pipeline.stitching.stitcher import MESSAGES_AT_A_STRETCH, Stitcher
from tests.unit.stitching.test_overlap import Particular
from tests.unit.stitching.test_stitcher import IDENTITY, NOON, deliver, event, started

DEVICE, ANN, BEN = "anonymous_id:a", "customer_id:ann", "customer_id:ben"


def visits(count: int, first: int = 0) -> list[Event]:
    """What the device did before it was known whose it is."""
    return [event("page_viewed", minute, DEVICE) for minute in range(first, first + count)]


def signed_in(minute: int, customer: str = ANN) -> Event:
    return event("page_viewed", minute, customer, DEVICE)


def mail_of(*events: Event) -> list[Message]:
    return [message for one in events for message in post(one, IDENTITY)]


def stored(store: MemoryStore) -> list[tuple[str, int]]:
    """Every journey's customer and number of events."""
    return sorted((journey.customer, journey.events) for journey in store.journeys())


async def process(stitcher: Stitcher, *events: Event) -> Batch:
    return await stitcher.process({0: mail_of(*events)}, NOON)


async def test_a_customer_at_work_is_stored_once_with_all_that_its_device_did_before() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    batch = await process(stitcher, *visits(3), signed_in(5))
    await stitcher.save(batch)
    assert stored(store) == [(ANN, 4)]
    (written,) = [changes for changes in batch.changes.customers if changes.customer == ANN]
    assert len(written.touches) == 4
    assert not written.journeys_gone


async def test_what_was_delivered_is_to_be_sent_all_the_same_with_the_tenure_of_its_partition() -> None:
    stitcher = await started(MemoryStore())
    batch = await process(stitcher, *visits(3), signed_in(5))
    assert [(message.at, type(message)) for message in batch.ahead] == [(ANN, Touch)] * 3
    assert batch.outgoing == []
    assert batch.tenures.keys() == {0}


async def test_a_tenure_ends_with_the_assignment_and_does_not_come_again_with_the_epoch() -> None:
    stitcher = await started(MemoryStore())
    (tenure,) = (await process(stitcher, *visits(3), signed_in(5))).tenures.values()
    assert stitcher.has_tenure(0, tenure)
    assert not stitcher.has_tenure(1, tenure)
    restored = await started(MemoryStore())  # its claim has the same epoch: that of an empty store
    assert not restored.has_tenure(0, tenure)
    await stitcher.revoke([0])
    assert not stitcher.has_tenure(0, tenure)
    await stitcher.assign([0])
    assert not stitcher.has_tenure(0, tenure)


async def test_what_the_broker_delivers_again_changes_nothing() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    batch = await process(stitcher, *visits(3), signed_in(5))
    await stitcher.save(batch)
    again = await stitcher.process({0: batch.ahead}, NOON)
    assert not again.changes


async def test_a_customer_that_is_not_in_memory_gets_its_mail_from_the_broker() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    link = Link(DEVICE, ANN, NOON)
    batch = await stitcher.process({0: [*mail_of(*visits(3)), link]}, NOON)
    assert batch.ahead == []
    assert [message.at for message in batch.outgoing] == [ANN] * 3


async def test_touches_go_ahead_over_several_hops() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    order = event("order_placed", 0, "order_id:1")
    of_device = event("page_viewed", 2, DEVICE, "order_id:1")
    batch = await process(stitcher, order, signed_in(1), of_device)
    await stitcher.save(batch)
    assert stored(store) == [(ANN, 3)]
    assert [message.at for message in batch.ahead] == [ANN, DEVICE, ANN]


async def test_a_device_with_a_long_history_hands_over_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 200 + len(visits(1)[0].data)
    monkeypatch.setattr(module, "AHEAD_BYTES", 4 * size)
    store = MemoryStore()
    stitcher = await started(store)
    batch = await process(stitcher, *visits(10), signed_in(15))
    assert (len(batch.ahead), len(batch.outgoing)) == (4, 6)
    await stitcher.save(batch)
    await stitcher.save(await stitcher.process({0: batch.outgoing}, NOON))
    assert stored(store) == [(ANN, 11)]


async def test_what_returns_goes_by_the_broker() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON, *visits(2), signed_in(5))
    batch = await process(stitcher, signed_in(1, BEN))  # so the device was Ben's at the second visit
    assert {type(message).__name__ for message in batch.outgoing} == {"Recall"}
    batch = await stitcher.process({0: batch.outgoing}, NOON)
    assert batch.ahead == []
    assert {message.at for message in batch.outgoing} == {DEVICE}


async def test_what_a_void_batch_delivered_ahead_is_forgotten() -> None:
    poison = event("page_viewed", 0, BEN)
    store = Particular(poison)
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("page_viewed", 0, ANN))
    refused = await process(stitcher, poison)
    others = [event("page_viewed", 1, f"customer_id:{number}") for number in range(MESSAGES_AT_A_STRETCH)]
    mail = {0: [*mail_of(event("page_viewed", 1, BEN), *visits(3), *others), Link(DEVICE, ANN, NOON)]}
    void, _ = await asyncio.gather(stitcher.process(mail, NOON), stitcher.save(refused))
    assert void.void
    assert len(void.ahead) == 3
    again = await stitcher.process(mail, NOON)
    await stitcher.save(again)
    await stitcher.save(await stitcher.process({0: again.outgoing}, NOON))
    assert (ANN, 4) in stored(store)
