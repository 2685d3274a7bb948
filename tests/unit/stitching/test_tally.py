"""What is counted of what was saved: each thing once, over workers that share a register."""

from collections.abc import Collection, Mapping

import msgspec
import pytest

from pipeline.adapters.memory.register import MemoryRegister
from pipeline.adapters.memory.store import MemoryStore
from pipeline.stitching.batch import Batch, Withdrawal
from pipeline.stitching.changes import Changes
from pipeline.stitching.store import StoreUnavailableError
from pipeline.stitching.tally import SETTLING_MS, Outcomes, Tally
from tests.contract.samples import NOON, at_customer, make_friction, make_journey

FRICTION = make_friction().friction
MOVED = msgspec.structs.replace(FRICTION, customer="customer_id:7")
JOURNEY = msgspec.structs.replace(make_journey(), probe=False)


class Shaky(MemoryRegister):
    """Does what it is asked, and then fails to answer as often as it was told to."""

    def __init__(self, store: MemoryStore, outages: int) -> None:
        super().__init__(store)
        self.outages = outages

    async def claim(self, claims: Mapping[str, int]) -> None:
        await super().claim(claims)
        if claims:
            self._fail()

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        answer = await super().won(claims)
        self._fail()
        return answer

    def _fail(self) -> None:
        if self.outages:
            self.outages -= 1
            raise StoreUnavailableError("the answer was lost")


class Recording(MemoryRegister):
    """Writes down what it is asked."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.claimed: list[int] = []
        self.asked: list[int] = []

    async def claim(self, claims: Mapping[str, int]) -> None:
        self.claimed.append(len(claims))
        await super().claim(claims)

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        self.asked.append(len(claims))
        return await super().won(claims)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def add(tally: Tally, store: MemoryStore, batch: Batch) -> None:
    """Save the outcomes of a batch, and hand them to the tally."""
    outcomes = Outcomes.of(batch)
    store.apply(Changes(to_count=outcomes.claims), {})
    tally.add(outcomes, NOON)


async def raised(tally: Tally) -> list[str]:
    return [friction.customer for friction in (await tally.count()).raised]


async def withdrawn(tally: Tally, now: int) -> list[str]:
    return [gone.kind for gone in (await tally.settle(now)).withdrawn]


GONE = Batch(withdrawn=[Withdrawal(FRICTION.friction_id, FRICTION.kind)])


async def test_a_friction_that_moves_to_another_worker_is_counted_where_it_was_first(store: MemoryStore) -> None:
    register = MemoryRegister(store)
    one, other = Tally(register), Tally(register)
    add(one, store, Batch(raised=[FRICTION]))
    assert await raised(one) == [FRICTION.customer]
    add(other, store, Batch(raised=[MOVED]))
    assert await raised(other) == []
    add(one, store, Batch(raised=[FRICTION]))
    assert await raised(one) == []


async def test_a_lost_answer_is_asked_for_again(store: MemoryStore) -> None:
    tally = Tally(Shaky(store, outages=1))
    add(tally, store, Batch(raised=[FRICTION]))
    with pytest.raises(StoreUnavailableError):
        await tally.count()
    assert await raised(tally) == [FRICTION.customer]
    assert await raised(tally) == []


async def test_what_comes_in_while_an_answer_is_lost_is_counted_after_it(store: MemoryStore) -> None:
    tally = Tally(Shaky(store, outages=1))
    add(tally, store, Batch(raised=[FRICTION]))
    with pytest.raises(StoreUnavailableError):
        await tally.count()
    add(tally, store, Batch(raised=[make_friction(2).friction]))
    assert len(await raised(tally)) == 1
    assert len(await raised(tally)) == 1


async def test_what_holds_nowhere_is_withdrawn_once(store: MemoryStore) -> None:
    register = MemoryRegister(store)
    one, other = Tally(register), Tally(register)
    for tally in (one, other):
        add(tally, store, GONE)
        assert await withdrawn(tally, NOON + SETTLING_MS - 1) == []
    assert await withdrawn(one, NOON + SETTLING_MS) == [FRICTION.kind]
    assert await withdrawn(other, NOON + SETTLING_MS) == []


async def test_what_was_saved_is_counted_with_one_question_and_withdrawals_do_not_hold_it_up(
    store: MemoryStore,
) -> None:
    register = Recording(store)
    tally = Tally(register)
    other = make_friction(2).friction
    add(tally, store, GONE)
    add(tally, store, Batch(raised=[other], closed=[JOURNEY]))
    add(tally, store, Batch(raised=[FRICTION, other]))
    counted = await tally.count()
    assert (counted.raised, counted.closed, counted.withdrawn) == ([other, FRICTION], [JOURNEY], [])
    assert (register.claimed, register.asked) == ([], [3])
    assert tally.waiting == 1


async def test_a_withdrawal_whose_claim_or_answer_is_lost_is_counted_once(store: MemoryStore) -> None:
    tally = Tally(Shaky(store, outages=2))
    add(tally, store, GONE)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await tally.settle(NOON + SETTLING_MS)
    assert await withdrawn(tally, NOON + SETTLING_MS) == [FRICTION.kind]
    assert await withdrawn(tally, NOON + SETTLING_MS) == []


async def test_what_holds_at_another_customer_is_not_withdrawn(store: MemoryStore) -> None:
    tally = Tally(MemoryRegister(store))
    add(tally, store, GONE)
    store.apply(at_customer(customer="customer_id:7", frictions=[make_friction(customer="customer_id:7")]), {3: 1})
    assert await withdrawn(tally, NOON + SETTLING_MS) == []
    assert tally.waiting == 0


async def test_a_journey_that_closes_at_two_customers_is_counted_once_and_a_probes_never(store: MemoryStore) -> None:
    tally = Tally(MemoryRegister(store))
    moved = msgspec.structs.replace(JOURNEY, customer="email:x", journey_id="f" * 32)
    add(tally, store, Batch(closed=[JOURNEY, make_journey(), moved]))
    assert (await tally.count()).closed == [JOURNEY]
    add(tally, store, Batch(closed=[moved]))
    assert (await tally.count()).closed == []
