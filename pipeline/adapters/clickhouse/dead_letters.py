"""The table of rejected messages."""

import asyncio
from collections.abc import Sequence

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.inserting import NoSink, Sink, insert_watched, question_watched
from pipeline.adapters.clickhouse.letters import as_known
from pipeline.adapters.clickhouse.tables import DEAD_LETTERS, block_of
from pipeline.events.dead_letter import DeadLetter


class ClickHouseDeadLetters:
    """Stores dead letters for the analysts' view `dead_letters`, for as long as the retention says.

    The key of a dead letter is its position and the record's time: saved twice, it is stored once. The key of one
    without a position depends only on what was refused.
    """

    def __init__(self, client: Client, sink: Sink | None = None) -> None:
        """Use a client, which the caller closes.

        Args:
            client: Connected to the migrated database, without a session.
            sink: Told the outcome of each insert, and which queries fail.
        """
        self._client = client
        self._sink = sink or NoSink()

    async def save(self, letters: Sequence[DeadLetter]) -> None:
        """Save dead letters; returns when they are stored.

        Raises:
            StoreUnavailableError: Try again; what was already written is not duplicated.
        """
        await asyncio.to_thread(self._save, letters)

    def _save(self, letters: Sequence[DeadLetter]) -> None:
        with question_watched(self._sink, DEAD_LETTERS):
            known = as_known(self._client, letters)
        block = block_of(DEAD_LETTERS, [_row(letter) for letter in known])
        if block is not None:
            insert_watched(self._client, block, self._sink)


def _row(letter: DeadLetter) -> tuple[object, ...]:
    return (
        letter.topic,
        letter.partition,
        letter.offset,
        letter.index,
        letter.received_at,
        letter.reason.value,
        letter.detail,
        letter.type,
        letter.payload,
        letter.replays,
    )
