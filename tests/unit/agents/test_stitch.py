import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence

import pytest
from msgspec import structs

from agents import patience
from agents.courier import Courier, Header
from agents.ownership import Membership, Ownership
from agents.rejections import Rejections
from agents.stitch import StitchFlow
from agents.store_watch import StoreWatch
from agents.transport.batch import RecordBatch
from pipeline.adapters.memory.register import MemoryRegister
from pipeline.adapters.memory.store import MemoryStore
from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.topics import DEAD_LETTER_TOPIC, MAIL_TOPIC
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.record import Record
from pipeline.identity.messages import Link, Message, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.journeys.rules import Rules
from pipeline.mail.ahead import read_tenure
from pipeline.mail.codec import pack
from pipeline.mail.partition import partition_of
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.stitcher import FEWEST_AT_ONCE, Stitcher, StitchPolicy
from pipeline.stitching.store import (
    EPOCH_SHIFT,
    ClaimLostError,
    RefusedRow,
    RowKind,
    RowsRefusedError,
    StoredMailbox,
    StoreUnavailableError,
)
from pipeline.stitching.tally import Tally
from tests.unit.agents.ingest.test_path import NOW, Drawer, event
from tests.unit.agents.outbox import Outbox
from tests.waiting import standstill

PARTITIONS = 8
CATALOGUE = {"web.clicked": Touchpoint("web.clicked", "website", "discover", "", "web", "digital")}
DEVICE = "device_id:1"
HOME = partition_of(DEVICE, PARTITIONS)
CUSTOMER = "customer_id:1"
NEIGHBOUR = next(name for n in range(2, 100) if partition_of(name := f"device_id:{n}", PARTITIONS) == HOME)
"""Another device of the same partition."""


class Diary(MemoryStore):
    """A store that writes down what happens; claims fail as often as it was told to, and saves wait for the gate."""

    def __init__(self, entries: list[str], outages: int = 0) -> None:
        super().__init__()
        self.entries = entries
        self.outages = outages
        self.gate = asyncio.Semaphore(1_000)
        self.refused: bytes | None = None
        """The key of an event that no row may have."""

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        self.entries.append("load")
        return await super().load(identifiers)

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        if self.outages:
            self.outages -= 1
            raise StoreUnavailableError("away")
        self.entries.append("claim")
        return await super().claim(partitions)

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        self.entries.append("save")
        await self.gate.acquire()
        for each in changes.customers:
            if self.refused in each.touches:
                raise RowsRefusedError([RefusedRow(RowKind.TOUCHPOINT, each.customer, self.refused, "not sound")])
        await super().save(changes, versions)


class WatchedOutbox(Outbox):
    """An outbox that writes down what it is given."""

    def __init__(self, entries: list[str]) -> None:
        super().__init__()
        self.entries = entries

    async def send(self, topic: str, partition: int | None, value: bytes, headers: Sequence[Header]) -> Awaitable[None]:
        self.entries.append("send")
        return await super().send(topic, partition, value, headers)


class Members:
    """The consumer group; confirms membership after as many refusals as it was told."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.rebalancing = False

    async def confirm(self) -> bool:
        self.refusals -= 1
        return self.refusals < 0


class Desk:
    """A stitch flow on fakes."""

    def __init__(self, outages: int = 0, policy: StitchPolicy | None = None) -> None:
        self.entries: list[str] = []
        self.store = Diary(self.entries, outages)
        self.watch = StoreWatch(self.store)
        self.outbox = WatchedOutbox(self.entries)
        self.drawer = Drawer()
        self.members = Members()
        self.ownership = Ownership()
        self.metrics = Metrics(CATALOGUE, ["device_id"])
        identity, courier = IdentityPolicy(), Courier(self.outbox.send, PARTITIONS, 100_000)
        self.flow = StitchFlow(
            Stitcher(self.watch, CATALOGUE, identity, Rules.of(), PARTITIONS, policy),
            self.ownership,
            courier,
            Rejections(self.drawer, courier, self.metrics),
            self.metrics,
            lambda: NOW,
            self.members,
            Tally(MemoryRegister(self.store)),
        )

    async def take(self, *messages: Message) -> bool:
        return bool(await self.flow.take([batch(pack(messages))]))

    def errors(self) -> float:
        """How many errors that customers met have been counted."""
        lines = self.metrics.exposition()[0].decode().splitlines()
        found = [line for line in lines if line.startswith("touchline_frictions_total") and 'kind="page_error"' in line]
        return sum(float(line.rpartition(" ")[2]) for line in found)


def batch(*values: bytes, partition: int = HOME, tenure: int | None = None) -> RecordBatch:
    records = [Record(MAIL_TOPIC, partition, offset, NOW, value, None, tenure) for offset, value in enumerate(values)]
    return RecordBatch(records, 0, len(records), 1)


def broken() -> Touch:
    """What the customer meets is a friction."""
    return Touch(DEVICE, structs.replace(event("broken", NOW), type="web.error_occurred"), NOW, ())


def met() -> Touch:
    """What the customer did under its own name."""
    return Touch(CUSTOMER, event("met", NOW), NOW, ())


def touch() -> Touch:
    return Touch(DEVICE, event("1", NOW), NOW, ())


async def test_a_worker_that_has_lost_its_partition_asks_its_successor_to_look_again() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    await desk.store.claim([HOME])
    with pytest.raises(ClaimLostError):
        await desk.take(Touch(DEVICE, event("2", NOW), NOW, ()))
    assert (DEVICE, NOW) in await desk.store.due([HOME], NOW, 10)


async def test_partitions_that_are_given_up_are_handed_on() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    desk.ownership.revoked()
    desk.ownership.assigned({HOME + 1}, Membership("me", 1))
    assert not await desk.take(touch())
    assert (DEVICE, NOW) in await desk.store.due([HOME], NOW, 10)


async def test_partitions_are_claimed_before_the_first_batch_and_mail_is_sent_before_rows_are_saved() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch(), Link(DEVICE, "customer_id:1", NOW))
    assert desk.entries == ["claim", "load", "send", "save"]
    assert [type(message) for message in desk.outbox.mail()] == [Touch]


async def test_what_was_delivered_ahead_is_passed_over_when_it_arrives_and_taken_by_a_later_owner() -> None:
    desk = Desk()
    target = partition_of(CUSTOMER, PARTITIONS)
    desk.ownership.assigned({HOME, target}, Membership("me", 0))
    mail = batch(pack([touch(), Link(DEVICE, CUSTOMER, NOW)])), batch(pack([met()]), partition=target)
    assert len(await desk.flow.take(mail)) == 2
    ((_, partition, sent),), (headers,) = desk.outbox.records, desk.outbox.headers
    assert (partition, desk.outbox.mail()[0].at) == (target, CUSTOMER)
    assert {customer for customer, _ in desk.store.touchpoints()} == {CUSTOMER}
    unread = batch(b"no mail: nobody looks into it", partition=target, tenure=read_tenure(headers))
    assert await desk.flow.take([unread])
    assert desk.drawer.letters == []
    desk.ownership.revoked()
    desk.ownership.assigned({HOME, target}, Membership("another", 1))
    copy = batch(sent, partition=target, tenure=read_tenure(headers))
    assert await desk.flow.take([copy])
    assert desk.entries[-3:] == ["claim", "load", "save"]


async def test_what_is_kept_is_in_the_store_and_counted() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    assert [customer for customer, _ in desk.store.touchpoints()] == [DEVICE]
    exposition = desk.metrics.exposition()[0]
    assert b'touchline_event_latency_seconds_count{source="web"} 1.0' in exposition


async def test_what_is_saved_is_counted_then_and_once() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.store.gate = asyncio.Semaphore(0)
    taking = asyncio.create_task(desk.take(broken()))
    await standstill()
    await desk.flow.count()
    assert desk.errors() == 0
    desk.store.gate.release()
    assert await taking
    assert len(desk.store.claims) == 1
    for _ in range(2):
        await desk.flow.count()
        assert desk.errors() == 1


async def test_a_worker_that_has_lost_its_partition_leaves_the_counting_to_its_successor() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    await desk.store.claim([HOME])
    with pytest.raises(ClaimLostError):
        await desk.take(broken())
    assert desk.store.claims == {}


async def test_counting_need_not_wait_when_a_save_has_ended() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.store.gate = asyncio.Semaphore(0)
    counting = asyncio.create_task(desk.flow.saved(60.0))
    taking = asyncio.create_task(desk.take(touch()))
    await standstill()
    assert desk.entries == ["claim", "load", "save"]
    assert not counting.done()
    desk.store.gate.release()
    assert await taking
    await counting


async def test_counting_that_waits_for_a_save_waits_for_the_next_one_then() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    await desk.take(touch())
    await desk.flow.saved(60.0)
    counting = asyncio.create_task(desk.flow.saved(60.0))
    await standstill()
    assert not counting.done()
    counting.cancel()
    await desk.flow.saved(0.0)


async def test_a_batch_of_a_lost_partition_is_not_done() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.ownership.revoked()
    assert not await desk.take(touch())
    desk.ownership.assigned({HOME + 1}, Membership("me", 1))
    assert not await desk.take(touch())
    assert desk.store.touchpoints() == []


async def test_a_partition_that_stays_is_claimed_once() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    await desk.take(touch())
    desk.ownership.revoked()
    desk.ownership.assigned({HOME}, Membership("me", 1))
    await desk.take(touch())
    assert desk.entries.count("claim") == 1
    assert await desk.store.claim([HOME]) == {HOME: 2}


async def test_a_claim_counts_only_when_the_group_still_knows_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.stitch.CONFIRM_AGAIN_SECONDS", 0.001)
    desk = Desk()
    desk.members.refusals = 3
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    assert desk.members.refusals == -1


async def test_an_expelled_worker_does_nothing() -> None:
    desk = Desk()
    desk.members.refusals, desk.members.rebalancing = 1_000, True
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert not await desk.take(touch())
    assert desk.entries == ["claim"]


async def test_an_outage_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_DELAY_SECONDS", 0.001)
    desk = Desk(outages=2)
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    assert len(desk.store.touchpoints()) == 1


async def test_a_record_that_is_no_mail_becomes_a_dead_letter_and_the_rest_goes_on() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.flow.take([batch(b"\x09nonsense", pack([touch()]))])
    assert [(letter.topic, letter.offset) for letter in desk.drawer.letters] == [(MAIL_TOPIC, 0)]
    assert DEAD_LETTER_TOPIC in desk.outbox.topics()
    assert len(desk.store.touchpoints()) == 1


async def test_what_would_load_too_much_is_done_in_portions_in_its_order() -> None:
    desk = Desk(policy=StitchPolicy(cache_bytes=1))
    desk.ownership.assigned({HOME}, Membership("me", 0))
    devices = [f"device_id:{number}" for number in range(FEWEST_AT_ONCE * 5 // 2)]
    links = [Link(device, "customer_id:1", NOW - 1) for device in devices]
    touches = [Touch(device, event(device, NOW), NOW, ()) for device in devices]
    assert await desk.take(*(message for both in zip(links, touches, strict=True) for message in both))
    assert desk.entries.count("send") == 3
    assert [message.event.key for message in desk.outbox.mail() if isinstance(message, Touch)] == [
        touch.event.key for touch in touches
    ]


def too_much() -> list[Message]:
    """What takes three portions with the smallest cache."""
    return [Touch(f"device_id:{n}", event(str(n), NOW), NOW, ()) for n in range(FEWEST_AT_ONCE * 5 // 2)]


async def test_a_portion_is_worked_out_while_the_one_before_is_saved_and_none_besides() -> None:
    desk = Desk(policy=StitchPolicy(cache_bytes=1))
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.store.gate = asyncio.Semaphore(0)
    taking = asyncio.create_task(desk.take(*too_much()))
    following = asyncio.create_task(desk.take(touch()))
    await standstill()
    assert desk.entries == ["claim", "load", "save", "load"]
    desk.store.gate.release()
    await standstill()
    assert desk.entries == ["claim", "load", "save", "load", "save", "load"]
    for _ in range(3):
        desk.store.gate.release()
    assert all(await asyncio.gather(taking, following))


async def test_a_portion_that_builds_on_a_refused_row_is_worked_out_again() -> None:
    desk = Desk(policy=StitchPolicy(cache_bytes=1))
    desk.ownership.assigned({HOME}, Membership("me", 0))
    mail = too_much()
    assert isinstance(mail[0], Touch)
    desk.store.refused = mail[0].event.key
    desk.store.gate = asyncio.Semaphore(0)
    taking = asyncio.create_task(desk.take(*mail, Touch(mail[0].at, event("again", NOW), NOW, ())))
    await standstill()
    for _ in range(5):
        desk.store.gate.release()
    assert await taking
    events = {journey.customer: journey.events for journey in desk.store.journeys()}
    assert events == dict.fromkeys([f"device_id:{n}" for n in range(len(mail))], 1)


async def test_a_portion_whose_save_fails_ends_the_worker_and_commits_nothing() -> None:
    desk = Desk(policy=StitchPolicy(cache_bytes=1))
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(touch())
    await desk.store.claim([HOME])
    with pytest.raises(ClaimLostError):
        await desk.take(*too_much())
    assert len(desk.store.touchpoints()) == 1


async def test_a_batch_is_worked_out_while_the_one_before_is_saved_and_all_else_waits() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.store.gate = asyncio.Semaphore(0)
    devices = [f"device_id:{number}" for number in range(3)]
    taken = [asyncio.create_task(desk.take(Touch(device, event("1", NOW), NOW, ()))) for device in devices]
    await standstill()
    assert desk.entries == ["claim", "load", "save", "load"]
    desk.ownership.assigned({HOME + 1}, Membership("me", 1))
    waking = asyncio.create_task(desk.flow.wake())
    desk.store.gate.release()
    await standstill()
    assert desk.entries == ["claim", "load", "save", "load", "save"]
    desk.store.gate.release()
    assert await asyncio.gather(*taken) == [True, True, False]
    await waking
    assert desk.entries == ["claim", "load", "save", "load", "save", "claim"]


async def test_customers_are_woken_while_a_batch_is_saved() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    await desk.take(touch())
    await desk.store.ask([Wake(NEIGHBOUR, HOME, NOW - 1, done=False)], {HOME: EPOCH_SHIFT})
    desk.store.gate = asyncio.Semaphore(0)
    desk.entries.clear()
    taking = asyncio.create_task(desk.take(Touch(DEVICE, event("2", NOW), NOW, ())))
    waking = asyncio.create_task(desk.flow.wake())
    await standstill()
    assert desk.entries == ["save", "load"]
    for _ in range(2):
        desk.store.gate.release()
    assert await taking
    await waking
    assert desk.entries == ["save", "load", "save"]
    assert await desk.store.due([HOME], NOW, 10) == []


async def test_customers_woken_while_rows_are_refused_are_woken_again() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    await desk.take(touch())
    await desk.store.ask([Wake(NEIGHBOUR, HOME, NOW - 1, done=False)], {HOME: EPOCH_SHIFT})
    desk.store.gate = asyncio.Semaphore(0)
    desk.store.refused = event("2", NOW).key
    desk.entries.clear()
    taking = asyncio.create_task(desk.take(Touch(DEVICE, event("2", NOW), NOW, ())))
    waking = asyncio.create_task(desk.flow.wake())
    await standstill()
    desk.store.gate.release()
    await standstill()
    for _ in range(9):
        desk.store.gate.release()
    assert await taking
    await waking
    assert desk.entries.count("load") == 2, "the first one's batch is void"
    assert await desk.store.due([HOME], NOW, 10) == []


async def test_what_builds_on_a_refused_row_is_worked_out_again() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    desk.store.gate = asyncio.Semaphore(0)
    desk.store.refused = event("1", NOW).key
    taken = [asyncio.create_task(desk.take(Touch(DEVICE, event(number, NOW), NOW, ()))) for number in "12"]
    await standstill()
    for _ in range(4):
        desk.store.gate.release()
    assert await asyncio.gather(*taken) == [True, True]
    assert [journey.events for journey in desk.store.journeys()] == [1]


async def test_deadlines_wake_only_what_is_owned() -> None:
    desk = Desk()
    await desk.flow.wake()
    assert desk.entries == []
    desk.ownership.assigned({HOME}, Membership("me", 0))
    await desk.take(touch())
    await desk.flow.wake()
    desk.ownership.revoked()
    await desk.flow.wake()
    assert len(desk.store.touchpoints()) == 1


async def test_after_a_failure_nothing_is_saved_that_builds_on_it() -> None:
    desk = Desk()
    desk.ownership.assigned({HOME}, Membership("me", 0))
    assert await desk.take(Link(DEVICE, "customer_id:1", NOW - 1_000_000))
    saved = (await desk.store.load([DEVICE]))[DEVICE].state
    desk.outbox.held = True
    links = [Link(DEVICE, "customer_id:2", NOW - age) for age in (2_000_000, 900_000)]
    first, second = (asyncio.create_task(desk.take(link)) for link in links)  # the first calls events back
    waking = asyncio.create_task(desk.flow.wake())
    await standstill()
    desk.outbox.held = False
    for acknowledgement in desk.outbox.pending:
        acknowledgement.set_exception(ConnectionError("the broker does not answer"))
    with pytest.raises(ConnectionError):
        await first
    await standstill()
    assert not second.done()
    assert not waking.done()
    assert (await desk.store.load([DEVICE]))[DEVICE].state == saved
    second.cancel()
    waking.cancel()


async def test_a_claim_that_does_not_count_is_given_up() -> None:
    desk = Desk()
    await desk.store.claim([HOME])
    await desk.store.save(Changes(wakes=[Wake(DEVICE, HOME, NOW - 1, done=False)]), {HOME: 1 << EPOCH_SHIFT})
    desk.ownership.assigned({HOME, HOME + 1}, Membership("me", 0))
    desk.members.refusals, desk.members.rebalancing = 1, True
    await desk.flow.wake()
    desk.members.rebalancing = False
    desk.ownership.assigned({HOME + 1}, Membership("me", 1))
    await desk.store.claim([HOME])
    await desk.flow.wake()
    assert desk.entries.count("save") == 1, "the other worker's deadline is not this one's"


async def test_a_claim_that_an_outage_delayed_past_the_assignment_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_DELAY_SECONDS", 0.01)
    desk = Desk(outages=3)
    desk.ownership.assigned({HOME, HOME + 1}, Membership("me", 1))
    taking = asyncio.create_task(desk.take(touch()))
    await asyncio.sleep(0.005)
    desk.ownership.assigned({HOME + 1}, Membership("me", 2))
    assert await MemoryStore.claim(desk.store, [HOME]) == {HOME: 1}
    assert not await taking
    assert await MemoryStore.claim(desk.store, [HOME]) == {HOME: 2}


async def test_a_claim_that_nobody_wants_any_more_keeps_no_worker_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_DELAY_SECONDS", 0.001)
    desk = Desk(outages=1_000_000)
    desk.ownership.assigned({HOME}, Membership("me", 1))
    taking = asyncio.create_task(desk.take(touch()))
    await standstill()
    assert not desk.watch.available
    desk.ownership.assigned((), Membership("me", 2))
    desk.store.outages = 0
    assert not await taking
    assert desk.watch.available
    assert await MemoryStore.claim(desk.store, [HOME]) == {HOME: 1}
