"""Dead letters for operators who fix and replay them: found, counted, read in full, and marked as replayed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.inserting import insert
from pipeline.adapters.clickhouse.letter_choice import LetterChoice, Parameters, condition
from pipeline.adapters.clickhouse.tables import REPLAYS, block_of
from pipeline.catalogue.topics import RAW_TOPICS
from pipeline.events.dead_letter import NO_POSITION, DeadLetter
from pipeline.events.replay import Replay

_LETTER: Final = "id, received_at, topic, partition, offset, `index`, reason, detail, type, replays, replayed_at"
_BY_REASON: Final = """
SELECT reason, type, count() AS letters, max(received_at) AS last, any(detail)
FROM dead_letters WHERE $chosen GROUP BY reason, type ORDER BY letters DESC, reason, type
"""
_LATEST: Final = """
SELECT $letter
FROM dead_letters WHERE $chosen
ORDER BY received_at DESC, topic, partition, offset DESC, `index` DESC
LIMIT {limit:UInt64}
"""
_REFUSED_BEFORE: Final = """
SELECT topic, offset, `index`, min(toUnixTimestamp64Milli(letters.received_at)), max(letters.replays)
FROM (SELECT * FROM dead_letter_rows FINAL) AS letters
WHERE partition = {nowhere:Int32} AND (topic, offset) IN {places:Array(Tuple(String, Int64))}
GROUP BY topic, offset, `index`
"""
PLACES_AT_ONCE: Final = 1_000
"""Letters that one query looks up."""
_WHOLE: Final = "SELECT $letter, payload FROM dead_letters WHERE $chosen"


class LetterRow(msgspec.Struct, frozen=True):
    """A dead letter."""

    id: str
    """16 hexadecimal digits, a hash of the position and `received_at`."""
    received_at: datetime
    topic: str
    partition: int
    offset: int
    index: int
    reason: str
    detail: str
    type: str
    replays: int
    """How often it was replayed."""
    replayed_at: datetime | None
    """When it was replayed, if it was not rejected again since."""
    payload: bytes = b""
    """Empty if it was not asked for."""

    @property
    def position(self) -> str:
        """The position of the message: `topic/partition@offset#index`."""
        return f"{self.topic}/{self.partition}@{self.offset}#{self.index}"

    @property
    def next_replay(self) -> Replay:
        """The replay to send it as."""
        received_at = round(self.received_at.timestamp() * 1000)
        return Replay(self.topic, self.partition, self.offset, self.index, received_at, self.replays + 1)


class ReasonRow(msgspec.Struct, frozen=True):
    """The letters of one reason and type."""

    reason: str
    type: str
    letters: int
    last: datetime
    example: str
    """The detail of one of them."""


def reasons(client: Client, choice: LetterChoice) -> list[ReasonRow]:
    """The number of letters by reason and type, most first."""
    return [ReasonRow(*row) for row in _rows(client, *_query(_BY_REASON, choice))]


def letters(client: Client, choice: LetterChoice, limit: int) -> list[LetterRow]:
    """The latest letters, latest first, without their payloads."""
    query, parameters = _query(_LATEST, choice)
    return [LetterRow(*row) for row in _rows(client, query, {**parameters, "limit": limit})]


def whole_letters(client: Client, choice: LetterChoice) -> Iterator[list[LetterRow]]:
    """The letters with their payloads, in no particular order, in blocks."""
    query, parameters = _query(_WHOLE, choice)
    with (
        store_errors(),
        client.query_row_block_stream(
            query,
            parameters=parameters,
            column_formats={"payload": "bytes"},
            tz_mode="aware",
        ) as blocks,
    ):
        for block in blocks:
            yield [LetterRow(*row) for row in block]


def as_known(client: Client, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """The letters, with the keys of stored ones that they repeat.

    What the store refused has no position, only its own key instead, and a new time of receipt whenever it arrives. So
    one that was refused before gets the time of its first receipt. If it arrived again since, as a replay does, it
    counts as replayed once more: a replay can be refused before it is recorded, and the record must not hide that.

    Raises:
        StoreUnavailableError: Nothing was read.
    """
    places = sorted({(letter.topic, letter.offset) for letter in letters if letter.partition == NO_POSITION})
    known: dict[tuple[str, int, int], tuple[int, int]] = {}
    for start in range(0, len(places), PLACES_AT_ONCE):
        asked = {"nowhere": NO_POSITION, "places": places[start : start + PLACES_AT_ONCE]}
        rows = _rows(client, _REFUSED_BEFORE, asked)
        known |= {(topic, offset, index): (first, replays) for topic, offset, index, first, replays in rows}
    return [_repeated(letter, known.get((letter.topic, letter.offset, letter.index))) for letter in letters]


def _repeated(letter: DeadLetter, before: tuple[int, int] | None) -> DeadLetter:
    if letter.partition != NO_POSITION or before is None:
        return letter
    received_at, replays = before
    came_again = letter.topic in RAW_TOPICS and letter.received_at != received_at
    return msgspec.structs.replace(letter, received_at=received_at, replays=replays + came_again)


def mark_replayed(client: Client, replays: Sequence[Replay], now: datetime) -> None:
    """Record that letters were replayed. Recording it twice, or late, does no harm.

    Raises:
        StoreUnavailableError: It may or may not have been recorded.
        StoreRejectedError: The user may not write.
    """
    rows = [(*msgspec.structs.astuple(replay), round(now.astimezone(UTC).timestamp() * 1000)) for replay in replays]
    block = block_of(REPLAYS, rows)
    if block is not None:
        insert(client, block)


def _query(text: str, choice: LetterChoice) -> tuple[str, Parameters]:
    chosen, parameters = condition(choice)
    return text.replace("$letter", _LETTER).replace("$chosen", chosen), parameters


def _rows(client: Client, query: str, parameters: Parameters) -> Sequence[Sequence[Any]]:
    with store_errors():
        return client.query(query, parameters=parameters, tz_mode="aware").result_rows
