"""Dead letters are kept once, with whatever bytes they hold."""

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.events.dead_letter import DeadLetter, Reason
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
