"""What every register must do: one suite for the one in memory and the one on ClickHouse."""

import asyncio
from abc import abstractmethod

import pytest

from pipeline.stitching.register import Register
from pipeline.stitching.store import Store
from tests.contract.samples import at_customer, make_friction
from tests.contract.store import first

ID = make_friction().friction.friction_id


class RegisterContract:
    """Inherit, and provide fixtures `store` and `register` over one database, empty at the start of every test."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Store: ...

    @pytest.fixture
    @abstractmethod
    def register(self, store: Store) -> Register: ...

    async def test_the_first_claim_on_a_name_counts(self, register: Register) -> None:
        assert not await register.first([], 1)
        assert set(await register.first(["a", "b"], 1)) == {"a", "b"}
        assert set(await register.first(["b", "c"], 2)) == {"c"}
        assert set(await register.first(["c", "b", "a"], 2**64 - 1)) == set()

    async def test_the_same_claim_gets_the_same_answer(self, register: Register) -> None:
        await register.first(["a"], 1)
        for _ in range(2):
            assert set(await register.first(["a", "b"], 2)) == {"b"}
            assert set(await register.first(["a", "b"], 1)) == {"a"}

    async def test_names_of_any_kind_and_number(self, register: Register) -> None:
        strange = ["", "it's", "nul\x00", "žluťoučký 🐎", "x" * 10_000]
        many = [f"friction {number}" for number in range(2_500)]
        assert set(await register.first([*strange, *many], 7)) == {*strange, *many}
        assert set(await register.first([*many, "new"], 8)) == {"new"}

    async def test_of_claims_one_after_another_from_many_workers_one_counts(self, register: Register) -> None:
        answers = [await register.first(["a"], claim) for claim in range(10, 20)]
        assert [len(answer) for answer in answers] == [1] + [0] * 9

    async def test_of_claims_at_once_one_counts_in_the_end(self, register: Register) -> None:
        await asyncio.gather(*(register.first([str(number) for number in range(50)], claim) for claim in range(4)))
        settled = [set(await register.first([str(number) for number in range(50)], claim)) for claim in range(4)]
        assert sorted(name for names in settled for name in names) == sorted(str(number) for number in range(50))

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
