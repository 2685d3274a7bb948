"""What every stitching store must do: one suite for the one in memory and the one on ClickHouse."""

import asyncio
from abc import abstractmethod

import msgspec
import pytest

from pipeline.stitching.changes import Changes, CustomerChanges, StoredTouch
from pipeline.stitching.content import content_hash
from pipeline.stitching.store import EPOCH_SHIFT, ClaimLostError, Store, StoredFriction, StoredMailbox
from tests.contract.samples import (
    NOON,
    at_customer,
    make_event,
    make_friction,
    make_journey,
    make_mailbox,
    make_touch,
    wakes,
)

CUSTOMER = "customer_id:42"
STRANGE = (
    "email:o'brien@example.org",
    'loyalty_id:"quoted"',
    "loyalty_id:back\\slash\\'",
    "customer_id:nul\x00inside",
    "customer_id:nul\x00",
    "customer_id:tab\tline\nreturn\r",
    "customer_id:{braces:String} %(percent)s ?",
    "customer_id:žluťoučký 🐎 客户",
    "customer_id:', now()) --",
    "customer_id:" + "x" * 8_000,
)


def first(partition: int = 3, version: int = 1 << 40) -> dict[int, int]:
    return {partition: version}


class StoreContract:
    """Inherit, and provide a fixture `store` that is empty at the start of every test."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Store: ...

    async def test_unknown_mailboxes_are_not_in_the_answer(self, store: Store) -> None:
        assert await store.load(["customer_id:nobody"]) == {}
        assert await store.load([]) == {}

    async def test_a_mailbox_comes_back(self, store: Store) -> None:
        row = make_mailbox()
        await store.save(Changes(mailboxes=[row]), first())
        assert await store.load([row.identifier]) == {row.identifier: StoredMailbox(state=row.state)}

    async def test_an_empty_state_is_known(self, store: Store) -> None:
        row = make_mailbox(state=b"")
        await store.save(Changes(mailboxes=[row]), first())
        assert await store.load([row.identifier]) == {row.identifier: StoredMailbox()}

    async def test_every_field_of_a_touchpoint_comes_back(self, store: Store) -> None:
        touch = make_touch()
        await store.save(at_customer(touch), first())
        loaded = (await store.load([CUSTOMER]))[CUSTOMER]
        assert loaded == StoredMailbox(touches=[touch])
        assert isinstance(loaded.touches[0].event.data, bytes)
        assert loaded.touches[0].event.probe is True

    async def test_sparse_touchpoints_come_back(self, store: Store) -> None:
        plain = StoredTouch(make_event(probe=False, data=b"{}", digest=0, type="gone.type"), 0, (), "")
        old = make_touch(make_event(2, time=-86_400_001))
        await store.save(at_customer(plain, old), first())
        loaded = (await store.load([CUSTOMER]))[CUSTOMER]
        assert sorted(loaded.touches, key=lambda touch: touch.event.id) == [plain, old]

    async def test_journeys_and_frictions_are_remembered(self, store: Store) -> None:
        journey, detected = make_journey(), make_friction()
        await store.save(at_customer(journeys=[journey], frictions=[detected]), first())
        known = StoredFriction(content_hash(detected.friction), detected.detected_at, detected.friction.kind)
        assert await store.load([CUSTOMER]) == {
            CUSTOMER: StoredMailbox(
                journeys={journey.journey_id: content_hash(journey)}, frictions={detected.friction.friction_id: known}
            )
        }

    async def test_only_what_was_asked_for_is_loaded(self, store: Store) -> None:
        for customer in ("customer_id:1", "customer_id:11", "customer_id:2"):
            await store.save(at_customer(make_touch(make_event(address=customer)), customer=customer), first())
        assert (await store.load(["customer_id:1", "customer_id:3"])).keys() == {"customer_id:1"}

    async def test_a_later_version_replaces(self, store: Store) -> None:
        journey, changed = make_journey(), make_journey(outcome="returned")
        detected, worse = make_friction(severity=1), make_friction(severity=3)
        touch = make_touch(journey_id="a" * 32)
        moved = msgspec.structs.replace(touch, journey_id="b" * 32, route=())
        await store.save(at_customer(touch, journeys=[journey], frictions=[detected]), first())
        await store.save(at_customer(moved, journeys=[changed], frictions=[worse]), first(version=(1 << 40) + 1))
        loaded = (await store.load([CUSTOMER]))[CUSTOMER]
        assert loaded.touches == [moved]
        assert loaded.journeys == {changed.journey_id: content_hash(changed)}
        assert [known.content for known in loaded.frictions.values()] == [content_hash(worse.friction)]

    async def test_what_is_gone_is_gone(self, store: Store) -> None:
        touch, journey, detected = make_touch(), make_journey(), make_friction()
        await store.save(at_customer(touch, journeys=[journey], frictions=[detected]), first())
        gone = at_customer(
            gone=[touch.event.key],
            journeys_gone=[journey.journey_id],
            frictions_gone=[detected.friction.friction_id],
        )
        await store.save(gone, first(version=(1 << 40) + 1))
        assert await store.load([CUSTOMER]) == {}
        await store.save(at_customer(touch), first(version=(1 << 40) + 2))
        assert (await store.load([CUSTOMER]))[CUSTOMER].touches == [touch]

    async def test_taking_away_what_never_was_is_harmless(self, store: Store) -> None:
        gone = at_customer(gone=[b"\x00" * 16, b"\xff" * 16], journeys_gone=["c" * 32], frictions_gone=["d" * 32])
        await store.save(gone, first())
        assert await store.load([CUSTOMER]) == {}

    async def test_keys_may_hold_any_bytes(self, store: Store) -> None:
        touches = [make_touch(make_event(number)) for number in range(2_000)]
        keys = [touch.event.key for touch in touches]
        assert any(key.endswith(b"\x00") for key in keys)
        assert any(b"'" in key for key in keys)
        assert any(b"\\" in key for key in keys)
        await store.save(at_customer(*touches), first())
        await store.save(at_customer(gone=keys[1:]), first(version=(1 << 40) + 1))
        assert (await store.load([CUSTOMER]))[CUSTOMER].touches == touches[:1]

    async def test_who_lost_a_partition_saves_nothing(self, store: Store) -> None:
        (old,) = (await store.claim([3])).values()
        (new,) = (await store.claim([3])).values()
        row = make_mailbox()
        with pytest.raises(ClaimLostError, match="3"):
            await store.save(Changes(mailboxes=[row]), first(version=old << EPOCH_SHIFT | 7))
        assert await store.load([row.identifier]) == {}
        await store.save(Changes(mailboxes=[row]), first(version=new << EPOCH_SHIFT | 1))
        assert list(await store.load([row.identifier])) == [row.identifier]

    async def test_a_lower_epoch_loses_even_if_it_arrives_later(self, store: Store) -> None:
        touch, journey, row = make_touch(), make_journey(outcome="returned"), make_mailbox(state=b"new")
        late = at_customer(make_touch(make_event(2)), gone=[touch.event.key], journeys=[make_journey()])
        late.mailboxes = [make_mailbox(state=b"old")]
        await store.save(at_customer(touch, journeys=[journey]), first(version=2 << 40))
        await store.save(Changes(mailboxes=[row]), first(version=2 << 40))
        await store.save(at_customer(gone=[make_touch(make_event(2)).event.key]), first(version=2 << 40))
        await store.save(late, first(version=(1 << 40) + 999))
        loaded = await store.load([CUSTOMER, row.identifier])
        assert loaded[CUSTOMER].touches == [touch]
        assert loaded[CUSTOMER].journeys == {journey.journey_id: content_hash(journey)}
        assert loaded[row.identifier].state == b"new"

    async def test_saving_twice_is_saving_once(self, store: Store) -> None:
        changes = at_customer(
            make_touch(), make_touch(make_event(2)), journeys=[make_journey()], frictions=[make_friction()]
        )
        changes.mailboxes = [make_mailbox()]
        changes.wakes = wakes(NOON).wakes
        await store.save(changes, first())
        once = await store.load([CUSTOMER, "anonymous_id:a-1"])
        await asyncio.gather(store.save(changes, first()), store.save(changes, first()))
        twice = await store.load([CUSTOMER, "anonymous_id:a-1"])
        assert {name: _ordered(mailbox) for name, mailbox in once.items()} == {
            name: _ordered(mailbox) for name, mailbox in twice.items()
        }
        assert await store.due([3], NOON, 10) == [(CUSTOMER, NOON)]

    async def test_a_touchpoint_moves_whichever_customer_is_saved_first(self, store: Store) -> None:
        touch = make_touch()
        await store.save(at_customer(touch), first())
        await store.save(at_customer(touch, customer="customer_id:7", partition=5), first(5))
        await store.save(at_customer(gone=[touch.event.key]), first(version=(1 << 40) + 1))
        assert (await store.load([CUSTOMER, "customer_id:7"])).keys() == {"customer_id:7"}

    async def test_each_partition_has_its_own_version(self, store: Store) -> None:
        changes = at_customer(make_touch(journey_id="new"))
        changes.customers += at_customer(make_touch(journey_id="new"), customer="customer_id:7", partition=5).customers
        await store.save(at_customer(make_touch(journey_id="old")), {3: 9 << 40})
        await store.save(at_customer(make_touch(journey_id="old"), customer="customer_id:7", partition=5), {5: 1 << 40})
        await store.save(changes, {3: 8 << 40, 5: 2 << 40})
        loaded = await store.load([CUSTOMER, "customer_id:7"])
        assert [loaded[name].touches[0].journey_id for name in (CUSTOMER, "customer_id:7")] == ["old", "new"]

    async def test_strange_identifiers_are_only_strange(self, store: Store) -> None:
        changes = Changes(
            customers=[
                customer
                for name in STRANGE
                for customer in at_customer(
                    make_touch(make_event(address=name, source=name, data=name.encode()))
                ).customers
            ]
        )
        for customer, name in zip(changes.customers, STRANGE, strict=True):
            customer.customer = name
        changes.mailboxes = [make_mailbox(name, state=name.encode()) for name in STRANGE]
        changes.wakes = [wake for name in STRANGE for wake in wakes(NOON, customer=name).wakes]
        await store.save(changes, first())
        loaded = await store.load(STRANGE)
        assert loaded.keys() == set(STRANGE)
        for name, mailbox in loaded.items():
            assert mailbox.state == name.encode()
            assert mailbox.touches == [make_touch(make_event(address=name, source=name, data=name.encode()))]
        assert sorted(await store.due([3], NOON, 100)) == sorted((name, NOON) for name in STRANGE)

    async def test_wakes_come_earliest_first(self, store: Store) -> None:
        await store.save(wakes(NOON + 2, NOON, NOON + 5), first())
        await store.save(wakes(NOON + 1, customer="customer_id:7", partition=5), first(5))
        await store.save(wakes(NOON, customer="customer_id:8", partition=6), first(6))
        assert await store.due([3, 5], NOON + 4, 10) == [
            (CUSTOMER, NOON),
            ("customer_id:7", NOON + 1),
            (CUSTOMER, NOON + 2),
        ]
        assert await store.due([3, 5], NOON + 4, 2) == [(CUSTOMER, NOON), ("customer_id:7", NOON + 1)]
        assert await store.due([3, 5], NOON + 4, 2, since=NOON + 1) == [
            ("customer_id:7", NOON + 1),
            (CUSTOMER, NOON + 2),
        ]
        assert await store.due([3, 5], NOON + 4, 10, since=NOON + 3) == []
        assert await store.due([5], NOON, 10) == []
        assert await store.due([], NOON + 4, 10) == []

    async def test_a_former_worker_may_still_ask(self, store: Store) -> None:
        before = await store.claim([3])
        await store.claim([3])
        former = {3: before[3] << 40 | 7}
        await store.ask(wakes(NOON).wakes, former)
        assert await store.due([3], NOON, 10) == [(CUSTOMER, NOON)]
        with pytest.raises(ClaimLostError):
            await store.save(wakes(NOON + 1), former)

    async def test_a_wake_that_is_done_stays_done(self, store: Store) -> None:
        await store.save(wakes(NOON, NOON + 1), first())
        await store.save(wakes(NOON, done=True), first(version=(1 << 40) + 1))
        assert await store.due([3], NOON + 1, 10) == [(CUSTOMER, NOON + 1)]
        await store.save(wakes(NOON), first())
        assert await store.due([3], NOON + 1, 10) == [(CUSTOMER, NOON + 1)]
        await store.save(wakes(NOON), first(version=(1 << 40) + 2))
        assert await store.due([3], NOON + 1, 10) == [(CUSTOMER, NOON), (CUSTOMER, NOON + 1)]

    async def test_claims_only_rise(self, store: Store) -> None:
        assert await store.claim([]) == {}
        before = await store.claim([0, 1])
        assert before.keys() == {0, 1}
        after = await store.claim([1, 2])
        assert after[1] > before[1]
        assert all(epoch >= 1 for epoch in (*before.values(), *after.values()))
        assert (await store.claim([0]))[0] > before[0]

    async def test_claims_at_once_all_differ(self, store: Store) -> None:
        claims = await asyncio.gather(*(store.claim([0, 1]) for _ in range(8)))
        for partition in (0, 1):
            assert len({claim[partition] for claim in claims}) == 8
        highest = max(claim[0] for claim in claims)
        assert (await store.claim([0]))[0] > highest

    async def test_fifty_thousand_touchpoints(self, store: Store) -> None:
        customers = [f"customer_id:{number:05}" for number in range(5_000)]
        batch = Changes(
            mailboxes=[make_mailbox(name, state=name.encode()) for name in customers],
            customers=[
                CustomerChanges(name, 3, {touch.event.key: touch for touch in _visits(name)}) for name in customers
            ],
        )
        await store.save(batch, first())
        loaded = await store.load([*customers, *(f"anonymous_id:{number}" for number in range(5_000))])
        assert loaded.keys() == set(customers)
        assert all(len(mailbox.touches) == 10 for mailbox in loaded.values())
        for name in customers[::777]:
            assert loaded[name].state == name.encode()
            assert {touch.event.key: touch for touch in loaded[name].touches} == {
                touch.event.key: touch for touch in _visits(name)
            }


def _visits(customer: str) -> list[StoredTouch]:
    return [make_touch(make_event(number, address=customer, time=NOON + number, probe=False)) for number in range(10)]


def _ordered(mailbox: StoredMailbox) -> StoredMailbox:
    return msgspec.structs.replace(mailbox, touches=sorted(mailbox.touches, key=lambda touch: touch.event.key))
