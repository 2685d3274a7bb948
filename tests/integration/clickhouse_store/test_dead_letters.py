"""Dead letters are kept once, with whatever bytes they hold."""

from datetime import UTC, datetime

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.adapters.clickhouse.letter_choice import LetterChoice
from pipeline.adapters.clickhouse.letters import LetterRow, mark_replayed
from pipeline.adapters.clickhouse.letters import letters as rows
from pipeline.events.dead_letter import NO_POSITION, DeadLetter, Reason
from tests.contract.samples import NOON

pytestmark = pytest.mark.server


def letter(offset: int = 7, *, index: int = 0, received_at: int = NOON, payload: bytes = b"{") -> DeadLetter:
    return DeadLetter(
        topic="touchpoints.web",
        partition=2,
        offset=offset,
        index=index,
        received_at=received_at,
        reason=Reason.NOT_JSON,
        detail="expected a JSON object at byte 1",
        type="",
        payload=payload,
    )


async def test_saved_twice_is_there_once(client: Client) -> None:
    letters = ClickHouseDeadLetters(client)
    for _ in range(2):
        await letters.save([letter(), letter(index=1)])
        await letters.save([letter(index=1)])
        await letters.save([])
    rows = client.query(
        "SELECT topic, partition, offset, index, toUnixTimestamp64Milli(received_at), reason, detail, type, payload"
        " FROM dead_letters ORDER BY index"
    ).result_rows
    whole = ("touchpoints.web", 2, 7, 0, NOON, "not_json", "expected a JSON object at byte 1", "", "{")
    assert [tuple(row) for row in rows] == [whole, (*whole[:3], 1, *whole[4:])]


async def test_offsets_that_start_again_are_other_letters(client: Client) -> None:
    await ClickHouseDeadLetters(client).save([letter(), letter(received_at=NOON + 1)])
    assert client.query("SELECT count() FROM dead_letters").result_rows == [(2,)]


async def test_payloads_are_bytes(client: Client) -> None:
    payload = bytes(range(256)) * 40
    await ClickHouseDeadLetters(client).save([letter(payload=payload), letter(8, payload=b"")])
    rows = client.query("SELECT payload FROM dead_letters ORDER BY offset", column_formats={"payload": "bytes"})
    assert rows.result_columns == [[payload, b""]]


def refused(received_at: int, topic: str = "touchpoints.web") -> DeadLetter:
    return msgspec.structs.replace(
        letter(12345, received_at=received_at), topic=topic, partition=NO_POSITION, reason=Reason.REFUSED_BY_STORE
    )


async def test_what_the_store_refuses_again_is_the_same_letter(client: Client) -> None:
    letters = ClickHouseDeadLetters(client)
    for received_at in (NOON, NOON, NOON + 60_000):
        await letters.save([refused(received_at)])
    (row,) = found(client)
    assert (row.next_replay.received_at, row.replays, row.replayed_at) == (NOON, 1, None)
    await letters.save([refused(NOON + 1, "journey"), letter(12345)])
    assert len(found(client)) == 3


@pytest.mark.parametrize("noted_first", [True, False])
async def test_a_replay_that_the_store_refuses_again_waits_whenever_it_is_noted(
    client: Client, noted_first: bool
) -> None:
    letters = ClickHouseDeadLetters(client)
    await letters.save([refused(NOON)])
    (first,) = found(client)
    if noted_first:
        mark_replayed(client, [first.next_replay], datetime.now(UTC))
        assert found(client)[0].replayed_at is not None
    await letters.save([refused(NOON + 60_000)])
    if not noted_first:
        mark_replayed(client, [first.next_replay], datetime.now(UTC))
    (again,) = found(client)
    assert (again.id, again.replays, again.replayed_at) == (first.id, 1, None)


def found(client: Client) -> list[LetterRow]:
    return rows(client, LetterChoice(), 10)
