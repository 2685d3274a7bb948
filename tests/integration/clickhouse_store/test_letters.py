"""Dead letters found, counted and marked as sent again."""

from datetime import UTC, datetime

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.adapters.clickhouse.letter_choice import LetterChoice, LetterName
from pipeline.adapters.clickhouse.letters import LetterRow, letters, mark_replayed, reasons, whole_letters
from pipeline.events.dead_letter import DeadLetter, Reason
from tests.contract.samples import NOON

pytestmark = pytest.mark.server

LETTER = DeadLetter(
    topic="touchpoints.web",
    partition=2,
    offset=7,
    index=0,
    received_at=NOON,
    reason=Reason.UNKNOWN_TYPE,
    detail="type: 'web.new' is not in the catalogue",
    type="web.new",
    payload=b'{"\xff',
)
LETTERS = [
    LETTER,
    msgspec.structs.replace(LETTER, index=1, type="web.newer", payload=b"1"),
    msgspec.structs.replace(LETTER, offset=8, received_at=NOON + 60_000, reason=Reason.BAD_TIME, payload=b""),
    msgspec.structs.replace(LETTER, topic="touchpoints.store", received_at=NOON + 120_000, payload=b"{}"),
]
SENT_AT = datetime.now(UTC).replace(microsecond=0)
"""Retention counts from the clock of the machine."""


@pytest.fixture
async def kept(client: Client) -> Client:
    await ClickHouseDeadLetters(client).save(LETTERS)
    return client


def found(client: Client, choice: LetterChoice) -> list[LetterRow]:
    return letters(client, choice, 100)


def at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


async def test_the_latest_come_first(kept: Client) -> None:
    assert [row.position for row in found(kept, LetterChoice())] == [
        "touchpoints.store/2@7#0",
        "touchpoints.web/2@8#0",
        "touchpoints.web/2@7#1",
        "touchpoints.web/2@7#0",
    ]
    assert len(letters(kept, LetterChoice(), 2)) == 2
    assert {row.replayed_at for row in found(kept, LetterChoice())} == {None}


@pytest.mark.parametrize(
    ("choice", "offsets"),
    [
        (LetterChoice(reasons=("bad_time",)), [8]),
        (LetterChoice(reasons=("bad_time", "unknown_type"), topics=("touchpoints.store",)), [7]),
        (LetterChoice(types=("web.newer",)), [7]),
        (LetterChoice(since=at(NOON + 60_000)), [7, 8]),
        (LetterChoice(since=at(NOON + 60_000), until=at(NOON + 120_000)), [8]),
        (LetterChoice(names=(LetterName.parse("touchpoints.web/2@7"),)), [7, 7]),
        (
            LetterChoice(names=(LetterName.parse("touchpoints.web/2@7#1"), LetterName.parse("touchpoints.web/2@8"))),
            [8, 7],
        ),
        (LetterChoice(names=(LetterName.parse("touchpoints.web/1@7"),)), []),
        (LetterChoice(replayed=True), []),
    ],
)
async def test_what_is_given_narrows_the_choice(kept: Client, choice: LetterChoice, offsets: list[int]) -> None:
    assert [row.offset for row in found(kept, choice)] == offsets
    assert sum(row.letters for row in reasons(kept, choice)) == len(offsets)
    assert sorted(row.offset for block in whole_letters(kept, choice) for row in block) == sorted(offsets)


async def test_an_id_names_one_letter(kept: Client) -> None:
    rows = found(kept, LetterChoice())
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        assert found(kept, LetterChoice(names=(LetterName.parse(row.id),))) == [row]
        assert row in found(kept, LetterChoice(names=(LetterName.parse(row.id[:6]),)))


async def test_payloads_come_as_they_were_sent(kept: Client) -> None:
    payloads = {row.position: row.payload for block in whole_letters(kept, LetterChoice()) for row in block}
    assert payloads["touchpoints.web/2@7#0"] == b'{"\xff'
    assert payloads["touchpoints.web/2@8#0"] == b""


async def test_letters_are_counted_by_reason_and_type(kept: Client) -> None:
    rows = reasons(kept, LetterChoice(types=("web.new",)))
    assert [(row.reason, row.letters, row.last) for row in rows] == [
        ("unknown_type", 2, at(NOON + 120_000)),
        ("bad_time", 1, at(NOON + 60_000)),
    ]
    assert rows[0].example == LETTER.detail


async def test_a_letter_that_was_sent_again_waits_for_nobody_until_it_is_rejected_again(kept: Client) -> None:
    (first,) = found(kept, LetterChoice(names=(LetterName.parse("touchpoints.web/2@7#1"),)))
    replay = first.next_replay
    assert (replay.attempt, replay.received_at) == (1, NOON)
    for _ in range(2):
        mark_replayed(kept, [replay], SENT_AT)
    (sent,) = found(kept, LetterChoice(replayed=True))
    assert (sent.id, sent.replays, sent.replayed_at) == (first.id, 1, SENT_AT)
    assert len(found(kept, LetterChoice(replayed=False))) == 3

    refused = msgspec.structs.replace(LETTERS[1], replays=1, detail="still unknown")
    await ClickHouseDeadLetters(kept).save([refused])
    assert found(kept, LetterChoice(replayed=True)) == []
    (again,) = found(kept, LetterChoice(names=(LetterName.parse(first.id),)))
    assert (again.detail, again.replays, again.replayed_at) == ("still unknown", 1, None)
    assert again.next_replay.attempt == 2
    assert len(found(kept, LetterChoice())) == len(LETTERS)


async def test_it_does_not_matter_whether_the_mark_or_the_rejection_is_written_first(kept: Client) -> None:
    (letter,) = found(kept, LetterChoice(topics=("touchpoints.store",)))
    await ClickHouseDeadLetters(kept).save([msgspec.structs.replace(LETTERS[3], replays=1)])
    assert letter.replays == 0
    mark_replayed(kept, [letter.next_replay], SENT_AT)
    (again,) = found(kept, LetterChoice(topics=("touchpoints.store",), replayed=False))
    assert again.replays == 1


def test_a_name_is_an_id_or_a_position() -> None:
    assert LetterName.parse("00ff") == LetterName(id="00ff")
    assert LetterName.parse("touchline.mail/-1@5") == LetterName("", "touchline.mail", -1, 5)
    for text in ("", "abc", "touchpoints.web/2", "touchpoints.web@7", "00FF", "0" * 17, "a/1@2#"):
        with pytest.raises(ValueError, match="neither"):
            LetterName.parse(text)
