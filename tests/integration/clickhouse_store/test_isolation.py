"""Rows that ClickHouse refuses for what is in them: left out, all else stored, journeys as if they had not come."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse import isolating
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.record import Record
from pipeline.events.replay import Replay
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.store import StoreRejectedError
from tests.offline import new_intake
from tests.unit.stitching.test_stitcher import HOUR, NOON, deliver, event, started

pytestmark = pytest.mark.server

CONSTRAINT = "ALTER TABLE {table} ADD CONSTRAINT sound CHECK {sound}"


@pytest.fixture
def constrained(client: Client) -> Iterator[Client]:
    yield client
    for table in ("touchpoint_rows", "journey_rows", "mailbox_rows"):
        client.command(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS sound")


def page_views(customer: str, count: int) -> list[Event]:
    return [event("page_viewed", minute, f"customer_id:{customer}", number=minute) for minute in range(count)]


async def folded(stitcher: Stitcher, now: int) -> None:
    while (batch := await stitcher.wake(now)) is not None:
        await stitcher.save(batch)


def stored(client: Client, query: str) -> list[object]:
    return [row[0] for row in client.query(query).result_rows]


async def test_good_rows_are_stored_and_bad_ones_become_dead_letters(
    constrained: Client, store: ClickHouseStore
) -> None:
    constrained.command(CONSTRAINT.format(table="touchpoint_rows", sound="event_id NOT LIKE 'page_viewed-7-%'"))
    stitcher = await started(store)
    batches = await deliver(stitcher, NOON, *page_views("1", 20), *page_views("2", 5))
    (letter,) = [letter for batch in batches for letter in batch.refused]
    assert (letter.reason, letter.type, letter.topic) == (Reason.REFUSED_BY_STORE, "web.page_viewed", "touchpoints.web")
    assert "sound" in letter.detail
    assert stored(constrained, "SELECT count() FROM touchpoints WHERE customer = 'customer_id:1'") == [19]
    assert stored(constrained, "SELECT events FROM journeys WHERE customer = 'customer_id:2'") == [5]
    await folded(stitcher, NOON + 1)
    assert stored(constrained, "SELECT events FROM journeys WHERE customer = 'customer_id:1'") == [19]

    (again,) = [letter for batch in await deliver(stitcher, NOON, *page_views("1", 20)) for letter in batch.refused]
    assert again == letter


async def test_the_refused_event_can_be_replayed(constrained: Client, store: ClickHouseStore) -> None:
    constrained.command(CONSTRAINT.format(table="touchpoint_rows", sound="channel != 'web'"))
    pseudonym = "0123456789abcdef" * 2
    refused = event("page_viewed", 0, f"phone:{pseudonym}", "device_id:d")
    batches = await deliver(await started(store), NOON, refused)
    (letter,) = [letter for batch in batches for letter in batch.refused]
    constrained.command("ALTER TABLE touchpoint_rows DROP CONSTRAINT sound")
    accepted = replayed(new_intake(b"secret"), letter)
    assert (accepted.key, accepted.time, accepted.identifiers) == (refused.key, refused.time, refused.identifiers)


def replayed(intake: Intake, letter: DeadLetter) -> Event:
    replay = Replay(letter.topic, letter.partition, letter.offset, letter.index, letter.received_at, 1)
    payload = letter.payload.replace(b'"data":{', b'"data":{"url":"/","identifiers":' + IDENTIFIERS + b",")
    (outcome,) = intake.take(Record(letter.topic, 0, 0, NOON + HOUR, payload, replay), NOON + HOUR)
    assert isinstance(outcome, Event), outcome
    return outcome


IDENTIFIERS = b'{"phone":"0123456789abcdef0123456789abcdef","device_id":"d"}'
"""What the data of a real event holds, and that of the stitcher's tests leaves out."""


async def test_a_journey_that_is_refused_stops_nobody(constrained: Client, store: ClickHouseStore) -> None:
    constrained.command(CONSTRAINT.format(table="journey_rows", sound="customer != 'customer_id:1'"))
    batches = await deliver(await started(store), NOON, *page_views("1", 3), *page_views("2", 3))
    (letter,) = [letter for batch in batches for letter in batch.refused]
    assert letter.topic == "journey"
    assert b'"customer":"customer_id:1"' in letter.payload
    assert stored(constrained, "SELECT count() FROM touchpoints") == [6]
    assert stored(constrained, "SELECT customer FROM journeys") == ["customer_id:2"]


async def test_what_holds_identities_is_never_given_up(constrained: Client, store: ClickHouseStore) -> None:
    constrained.command(CONSTRAINT.format(table="mailbox_rows", sound="identifier != 'device_id:d'"))
    with pytest.raises(StoreRejectedError):
        await deliver(await started(store), NOON, event("page_viewed", 0, "customer_id:1", "device_id:d"))


async def test_rows_that_are_not_at_fault_are_not_given_up(
    constrained: Client, store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolating, "ALL_BAD", 4)
    constrained.command(CONSTRAINT.format(table="touchpoint_rows", sound="row_version = 0"))
    with pytest.raises(StoreRejectedError):
        await deliver(await started(store), NOON, *page_views("1", 12))
    assert stored(constrained, "SELECT count() FROM touchpoints") == [0]


async def test_many_bad_rows_among_good_ones_are_all_found(constrained: Client, store: ClickHouseStore) -> None:
    constrained.command(CONSTRAINT.format(table="touchpoint_rows", sound="cityHash64(event_id) % 10 > 0"))
    events = page_views("1", 300)
    batches = await deliver(await started(store), NOON, *events)
    refused = [letter for batch in batches for letter in batch.refused]
    assert len(refused) + int(str(stored(constrained, "SELECT count() FROM touchpoints")[0])) == len(events)
    assert len(refused) > 10
    assert len({(letter.topic, letter.offset) for letter in refused}) == len(refused)
