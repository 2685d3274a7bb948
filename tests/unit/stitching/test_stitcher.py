"""The stitcher over the store in memory: deadlines, withdrawal, failures of the store, and what it forgets."""

from collections.abc import Mapping, Sequence

import pytest

from pipeline.adapters.memory.store import MemoryStore
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.identity.messages import Link, Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.journeys.rules import Rules
from pipeline.mail.partition import partition_of
from pipeline.stitching.batch import Batch
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.stitcher import FEWEST_AT_ONCE, Stitcher, StitchPolicy
from pipeline.stitching.store import EPOCH_SHIFT, ClaimLostError, Store, StoredMailbox, StoreUnavailableError

NOON = 1_772_323_200_000
MINUTE = 60_000
HOUR = 60 * MINUTE
IDENTITY = IdentityPolicy()
CATALOGUE = {
    name: Touchpoint(type=name, touchpoint="checkout", stage="buy", moment="first", channel="web", owner="digital")
    for name in ("web.checkout_started", "web.order_placed", "web.page_viewed")
}


class Flaky(MemoryStore):
    """Refuses the next calls, as often as told."""

    def __init__(self) -> None:
        super().__init__()
        self.refuse_loads = 0
        self.refuse_saves = 0
        self.saves = 0

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        if self.refuse_loads:
            self.refuse_loads -= 1
            raise StoreUnavailableError("no answer")
        return await super().load(identifiers)

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        self.saves += 1
        if self.refuse_saves:
            self.refuse_saves -= 1
            raise StoreUnavailableError("no answer")
        await super().save(changes, versions)


def event(name: str, minutes: float, *identifiers: str, number: int = 0) -> Event:
    time = NOON + int(minutes * MINUTE)
    return Event(
        source="/shop/web",
        id=f"{name}-{minutes}-{number}",
        type=f"web.{name}",
        time=time,
        received_at=time,
        identifiers=identifiers or ("customer_id:42",),
        channel="web",
        probe=False,
        digest=hash((name, minutes, number)) % 2**64,
        data=b'{"amount":10,"currency":"EUR"}',
    )


async def started(store: Store, cache_bytes: int = 1 << 30) -> Stitcher:
    policy = StitchPolicy(cache_bytes=cache_bytes, retry_first_ms=1, retry_longest_ms=2)
    stitcher = Stitcher(store, CATALOGUE, IDENTITY, Rules.of(), 1, policy)
    await stitcher.assign([0])
    return stitcher


async def deliver(stitcher: Stitcher, now: int, *events: Event) -> list[Batch]:
    """Post events and deliver all the mail that follows."""
    batches = []
    mail: list[Message] = [message for one in events for message in post(one, IDENTITY)]
    while mail:
        batch = await stitcher.process({0: mail}, now)
        await stitcher.save(batch)
        batches.append(batch)
        mail = batch.outgoing
    return batches


def kinds(store: MemoryStore) -> list[str]:
    return [row.friction.kind for row in store.frictions()]


async def test_a_deadline_raises_its_friction_when_the_clock_passes_it() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("checkout_started", 0))
    assert await stitcher.wake(NOON + HOUR - 1) is None
    assert kinds(store) == []
    batch = await stitcher.wake(NOON + HOUR + 1)
    assert batch is not None
    await stitcher.save(batch)
    assert [friction.kind for friction in batch.raised] == ["checkout_abandoned"]
    assert kinds(store) == ["checkout_abandoned"]
    assert store.journeys()[0].outcome == "abandoned"
    assert await stitcher.wake(NOON + HOUR + 2) is None


async def test_a_deadline_passes_at_a_worker_that_was_just_started() -> None:
    store = MemoryStore()
    await deliver(await started(store), NOON, event("checkout_started", 0))
    batch = await (await started(store)).wake(NOON + 2 * HOUR)
    assert batch is not None
    assert [friction.kind for friction in batch.raised] == ["checkout_abandoned"]


async def test_a_late_order_withdraws_what_the_deadline_raised() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON + 2 * HOUR, event("checkout_started", 0))
    assert kinds(store) == ["checkout_abandoned"]
    (batch,) = await deliver(stitcher, NOON + 2 * HOUR, event("order_placed", 30))
    assert [gone.kind for gone in batch.withdrawn] == ["checkout_abandoned"]
    assert kinds(store) == []
    assert store.journeys()[0].outcome == "converted"


async def test_a_friction_is_raised_once_whatever_restarts_and_replays() -> None:
    store = MemoryStore()
    first = await deliver(await started(store), NOON + 2 * HOUR, event("checkout_started", 0))
    again = await deliver(await started(store), NOON + 3 * HOUR, event("checkout_started", 0))
    assert [len(batch.raised) for batch in (*first, *again)] == [1, 0]
    (row,) = store.frictions()
    assert row.detected_at == NOON + 2 * HOUR


async def test_a_busy_customer_costs_one_wake_and_not_one_per_batch() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    wakes = []
    for minute in range(20):
        for batch in await deliver(stitcher, NOON + minute * MINUTE, event("page_viewed", minute)):
            wakes += batch.changes.wakes
    assert len(wakes) == 1
    assert not wakes[0].done


async def test_an_unavailable_store_is_tried_again_until_it_takes_the_rows() -> None:
    store = Flaky()
    stitcher = await started(store)
    store.refuse_saves = 3
    await deliver(stitcher, NOON, event("page_viewed", 0))
    assert store.saves == 4
    assert len(store.touchpoints()) == 1


async def test_a_failed_load_can_be_tried_again_without_losing_mail() -> None:
    store = Flaky()
    mail = post(event("page_viewed", 0, "anonymous_id:a"), IDENTITY)
    await deliver(await started(store), NOON, event("page_viewed", 0, "anonymous_id:a"))
    store.refuse_loads = 1
    stitcher = await started(store)
    with pytest.raises(StoreUnavailableError):
        await stitcher.process({0: mail}, NOON)
    assert len(stitcher.cache) == 0
    await stitcher.save(await stitcher.process({0: mail}, NOON))
    assert len(store.touchpoints()) == 1


async def test_a_link_moves_earlier_events_and_leaves_nothing_behind() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("page_viewed", 0, "anonymous_id:a"), event("page_viewed", 1, "anonymous_id:a"))
    assert [journey.customer for journey in store.journeys()] == ["anonymous_id:a"]
    await deliver(stitcher, NOON, event("page_viewed", 2, "customer_id:42", "anonymous_id:a"))
    (journey,) = store.journeys()
    assert journey.customer == "customer_id:42"
    assert journey.events == 3
    assert {customer for customer, _ in store.touchpoints()} == {"customer_id:42"}
    assert {touch.journey_id for _, touch in store.touchpoints()} == {journey.journey_id}


async def test_the_cache_stays_within_its_bound_and_what_was_forgotten_is_found_again() -> None:
    store = MemoryStore()
    stitcher = await started(store, cache_bytes=10_000)
    for number in range(50):
        await deliver(stitcher, NOON, event("page_viewed", 0, f"customer_id:{number}", number=number))
    await stitcher.process({}, NOON)  # what a batch brought is trimmed when the next one begins
    assert 0 < len(stitcher.cache) < 20
    assert stitcher.cache.size <= 10_000
    await deliver(stitcher, NOON, event("page_viewed", 5, "customer_id:0"))
    assert [journey.events for journey in store.journeys() if journey.customer == "customer_id:0"] == [2]


async def test_the_larger_the_mailboxes_the_fewer_are_loaded_at_once() -> None:
    store = MemoryStore()
    stitcher = await started(store, cache_bytes=40_000_000)
    assert stitcher.most_at_once == FEWEST_AT_ONCE
    for number in range(50):
        await deliver(stitcher, NOON, event("page_viewed", 0, f"customer_id:{number}"))
    small = stitcher.most_at_once
    assert small * stitcher.cache.size / len(stitcher.cache) == pytest.approx(10_000_000, rel=0.01)
    for number in range(50):
        for minute in range(1, 6):
            await deliver(stitcher, NOON, event("page_viewed", minute, f"customer_id:{number}"))
    assert FEWEST_AT_ONCE < stitcher.most_at_once < small / 2


async def test_one_giant_says_nothing_of_those_that_are_loaded() -> None:
    stitcher = await started(MemoryStore(), cache_bytes=40_000_000)
    await deliver(stitcher, NOON, *(event("page_viewed", 0, f"customer_id:{number}") for number in range(500)))
    before = stitcher.most_at_once
    await deliver(stitcher, NOON, *(event("page_viewed", number / 60, number=number) for number in range(2_000)))
    assert before / 2 < stitcher.most_at_once < before


async def test_a_portion_has_all_mail_of_mailboxes_in_memory_and_as_many_others_as_fit() -> None:
    stitcher = await started(MemoryStore(), cache_bytes=40_000)
    await deliver(stitcher, NOON, event("page_viewed", 0, "customer_id:1"))
    again = [Link("customer_id:1", f"device_id:{number}", number) for number in range(1_000)]
    others = [Link(f"customer_id:{number}", "device_id:1", 0) for number in range(2, 1_000)]
    portion, rest = stitcher.portion({0: again + others})
    assert portion == {0: again + others[:FEWEST_AT_ONCE]}
    assert rest == {0: others[FEWEST_AT_ONCE:]}


async def test_what_is_about_to_be_forgotten_counts_as_loaded() -> None:
    stitcher = await started(MemoryStore(), cache_bytes=10_000)
    await deliver(stitcher, NOON, *(event("page_viewed", 0, f"customer_id:{number}") for number in range(200)))
    again = [Link(f"customer_id:{number}", "device_id:1", 0) for number in range(200)]
    portion, _ = stitcher.portion({0: again})
    assert len(portion[0]) < 200


async def test_rows_of_a_later_assignment_have_higher_versions() -> None:
    store = MemoryStore()
    (before,) = await deliver(await started(store), NOON, event("page_viewed", 0))
    (after,) = await deliver(await started(store), NOON, event("page_viewed", 1))
    assert before.versions[0] >> EPOCH_SHIFT < after.versions[0] >> EPOCH_SHIFT


async def test_a_worker_that_slept_through_a_rebalance_saves_nothing() -> None:
    store = MemoryStore()
    former = await started(store)
    batch = await former.process({0: post(event("page_viewed", 0), IDENTITY)}, NOON)
    await started(store)
    with pytest.raises(ClaimLostError):
        await former.save(batch)
    assert store.touchpoints() == []


async def test_a_wake_that_somebody_else_wrote_makes_a_customer_be_loaded_again() -> None:
    store = MemoryStore()
    stitcher = await started(store)
    await deliver(stitcher, NOON, event("checkout_started", 0))
    known = stitcher.cache["customer_id:42"]
    partition = partition_of("customer_id:42", 1)
    foreign = Changes(wakes=[Wake("customer_id:42", partition, NOON + 1, done=False)])
    await store.save(foreign, {partition: 1 << EPOCH_SHIFT})
    batch = await stitcher.wake(NOON + 2)
    assert batch is not None
    assert stitcher.cache["customer_id:42"] is not known
    await stitcher.save(batch)
    assert await stitcher.wake(NOON + 3) is None


async def test_a_revoked_partition_is_forgotten() -> None:
    stitcher = await started(MemoryStore())
    await deliver(stitcher, NOON, event("page_viewed", 0))
    await stitcher.revoke([0])
    assert len(stitcher.cache) == 0
    assert stitcher.cache.size == 0
    with pytest.raises(KeyError):
        await stitcher.process({0: post(event("page_viewed", 1), IDENTITY)}, NOON)


def test_partitions_of_mailboxes_are_fixed_for_good() -> None:
    found = [partition_of(name, 8) for name in ("customer_id:42", "anonymous_id:a", "order_id:ü")]
    assert found == [7, 4, 4]
