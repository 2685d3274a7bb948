"""What every register must do: one suite for the one in memory and the one on ClickHouse."""

import asyncio
from abc import abstractmethod
from collections.abc import Collection, Sequence

import pytest

from pipeline.stitching.changes import Changes
from pipeline.stitching.register import Register
from pipeline.stitching.store import EPOCH_SHIFT, ClaimLostError, Store
from tests.contract.samples import at_customer, make_friction
from tests.contract.store import first

ID = make_friction().friction.friction_id


async def won(register: Register, names: Sequence[str], claim: int) -> Collection[str]:
    """Claim names, and ask which of them this claim has won."""
    claims = dict.fromkeys(names, claim)
    await register.claim(claims)
    return set(await register.won(claims))


class RegisterContract:
    """Inherit, and provide fixtures `store` and `register` over one database, empty at the start of every test."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Store: ...

    @pytest.fixture
    @abstractmethod
    def register(self, store: Store) -> Register: ...

    async def test_the_first_claim_on_a_name_counts(self, register: Register) -> None:
        assert not await won(register, [], 1)
        assert await won(register, ["a", "b"], 1) == {"a", "b"}
        assert await won(register, ["b", "c"], 2) == {"c"}
        assert await won(register, ["c", "b", "a"], 2**64 - 1) == set()

    async def test_the_same_claim_gets_the_same_answer(self, register: Register) -> None:
        await register.claim({"a": 1})
        for _ in range(2):
            assert await won(register, ["a", "b"], 2) == {"b"}
            assert await won(register, ["a", "b"], 1) == {"a"}

    async def test_names_that_are_asked_about_together_may_have_been_claimed_apart(self, register: Register) -> None:
        await register.claim({"a": 1, "b": 1})
        await register.claim({"b": 2, "c": 2})
        assert set(await register.won({"a": 1, "b": 2, "c": 2, "never claimed": 2})) == {"a", "c"}
        assert not await register.won({})

    async def test_names_of_any_kind_and_number(self, register: Register) -> None:
        strange = ["", "it's", "nul\x00", "žluťoučký 🐎", "x" * 10_000]
        many = [f"friction {number}" for number in range(2_500)]
        assert await won(register, [*strange, *many], 7) == {*strange, *many}
        assert await won(register, [*many, "new"], 8) == {"new"}

    async def test_of_claims_one_after_another_from_many_workers_one_counts(self, register: Register) -> None:
        answers = [await won(register, ["a"], claim) for claim in range(10, 20)]
        assert [len(answer) for answer in answers] == [1] + [0] * 9

    async def test_of_claims_at_once_one_counts_in_the_end(self, register: Register) -> None:
        names = [str(number) for number in range(50)]
        claims = [dict.fromkeys(names, claim) for claim in range(4)]
        await asyncio.gather(*map(register.claim, claims))
        assert sorted([name for each in claims for name in await register.won(each)]) == sorted(names)

    async def test_what_is_saved_is_claimed_with_it(self, store: Store, register: Register) -> None:
        await register.claim({"b": 1})
        await store.save(Changes(to_count={"a": 2, "b": 2}), {})
        assert set(await register.won({"a": 2, "b": 2})) == {"a"}

    async def test_a_former_worker_claims_nothing(self, store: Store, register: Register) -> None:
        (epoch,) = (await store.claim([3])).values()
        await store.claim([3])
        with pytest.raises(ClaimLostError):
            await store.save(Changes(to_count={"a": 1}), first(version=epoch << EPOCH_SHIFT))
        assert await won(register, ["a"], 2) == {"a"}

    async def test_a_friction_stands_while_a_customer_has_it(self, store: Store, register: Register) -> None:
        assert set(await register.standing([ID])) == set()
        here, there = make_friction(), make_friction(customer="customer_id:7")
        await store.save(at_customer(frictions=[here]), first())
        await store.save(at_customer(customer="customer_id:7", partition=5, frictions=[there]), first(5))
        assert set(await register.standing([ID, "f" * 32])) == {ID}
        await store.save(at_customer(frictions_gone=[ID]), first(version=(1 << 40) + 1))
        assert set(await register.standing([ID])) == {ID}
        await store.save(at_customer(customer="customer_id:7", partition=5, frictions_gone=[ID]), first(5, 2 << 40))
        assert set(await register.standing([ID])) == set()
        await store.save(at_customer(frictions=[here]), first(version=(1 << 40) + 2))
        assert set(await register.standing([ID])) == {ID}

    async def test_a_late_former_worker_brings_no_friction_back(self, store: Store, register: Register) -> None:
        await store.save(at_customer(frictions_gone=[ID]), first(version=2 << 40))
        await store.save(at_customer(frictions=[make_friction()]), first(version=1 << 40))
        assert set(await register.standing([ID])) == set()
