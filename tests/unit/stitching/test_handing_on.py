"""Rows of a former worker that come in when its successor has loaded the customer already."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from pipeline.adapters.memory.store import MemoryStore
from pipeline.identity.posting import post
from pipeline.stitching.changes import Changes, DetectedFriction
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.store import ClaimLostError
from tests.unit.stitching.test_stitcher import HOUR, IDENTITY, NOON, deliver, event, started

NOW = NOON + 2 * HOUR
EVENTS = (
    event("checkout_started", 30),
    event("page_viewed", 20),
    event("checkout_started", 10),
    event("order_placed", 40),
)
"""As the mail brings them. Each of the first three makes another journey, as another event comes first."""


class Slow(MemoryStore):
    """As slow as a store can be: the claims were looked at, and the rows are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        await super().save(Changes(), versions)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        self.apply(changes, versions)


def tables(store: MemoryStore) -> tuple[object, ...]:
    """What analysts see, but for when a friction was detected."""
    frictions: list[DetectedFriction] = store.frictions()
    return store.touchpoints(), store.journeys(), [each.friction for each in frictions], store.identities()


async def overtaken(store: Slow, before: int, late: int) -> tuple[Stitcher, Stitcher]:
    """A worker whose save of `late` events, after `before` others, comes in after all that its successor did."""
    former = await started(store)
    if before:
        await deliver(former, NOW, *EVENTS[:before])
    mail = [message for one in EVENTS[before : before + late] for message in post(one, IDENTITY)]
    batch = await former.process({0: mail}, NOW)
    workers = [former]

    async def take_over() -> None:
        workers.append(await started(store))
        await deliver(workers[1], NOW, *EVENTS)

    store.meanwhile = take_over
    await former.save(batch)
    return former, workers[1]


@pytest.mark.parametrize(("before", "late"), [(b, n) for b in range(4) for n in range(1, 5 - b)])
async def test_what_came_in_late_is_put_right_once_the_former_worker_has_handed_on(before: int, late: int) -> None:
    expected, store = MemoryStore(), Slow()
    await deliver(await started(expected), NOW, *EVENTS)
    former, successor = await overtaken(store, before, late)
    await former.hand_on([0], NOW)
    woken = await successor.wake(NOW + 1)
    assert woken is not None
    await successor.save(woken)
    assert tables(store) == tables(expected)
    assert await successor.wake(NOW + 2) is None


async def test_without_handing_on_a_journey_stays_that_nobody_takes_away() -> None:
    store = Slow()
    await overtaken(store, 0, 1)
    assert len(store.journeys()) == 2


async def test_a_worker_that_learns_of_its_loss_later_hands_on_what_it_saved_last() -> None:
    expected, store = MemoryStore(), Slow()
    await deliver(await started(expected), NOW, *EVENTS)
    former, successor = await overtaken(store, 0, 1)
    batch = await former.process({0: post(event("page_viewed", 90, "customer_id:7"), IDENTITY)}, NOW)
    with pytest.raises(ClaimLostError):
        await former.save(batch)
    await former.hand_on(batch.versions, NOW)
    assert sorted(await store.due([0], NOW, 10)) == [("customer_id:42", NOW), ("customer_id:7", NOW)]
    woken = await successor.wake(NOW + 1)
    assert woken is not None
    await successor.save(woken)
    assert tables(store) == tables(expected)


async def test_only_what_may_have_come_in_late_is_handed_on() -> None:
    store = MemoryStore()
    former = await started(store)
    await deliver(former, NOW, event("page_viewed", 1, "customer_id:1"))
    await deliver(former, NOW, event("page_viewed", 2, "customer_id:2"))
    await former.hand_on([0, 1], NOW)
    assert [customer for customer, at in await store.due([0], NOW, 10) if at == NOW] == ["customer_id:2"]
    await former.revoke([0])
    await former.hand_on([0], NOW + 1)
    assert NOW + 1 not in [at for _, at in await store.due([0], NOW + 1, 10)]
