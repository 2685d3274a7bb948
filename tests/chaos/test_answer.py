"""The comparison finds lost, doubled and wrong rows."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.inserting import insert
from pipeline.adapters.clickhouse.tables import DEAD_LETTERS, block_of
from pipeline.events.dead_letter import Reason
from tests.chaos.answer import DATABASE, compare, write_answer
from tests.chaos.load import DAY, START, retailer
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = [pytest.mark.server, pytest.mark.slow]

NOW = START + 60 * DAY
SECRET = b"the key of this test"
EVENTS = list(islice(retailer(1, 30, 1), 150))
ENCODED = [orjson.dumps(event) for event in EVENTS]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """A server on which all events but the last are stored correctly."""
    with ClickHouseProcess(tmp_path_factory.mktemp("answer") / "data") as server:
        write_answer(server.url, DATABASE, EVENTS[:-1], NOW, SECRET)
        yield server


def test_equal_tables_do_not_differ(stored: ClickHouseProcess) -> None:
    found = compare(stored.url, ENCODED[:-1], [], NOW, SECRET)
    assert found[:3] == (0, 0, 0)
    assert found.moved > 0


def test_an_event_that_is_missing_is_lost_and_its_rows_are_wrong(stored: ClickHouseProcess) -> None:
    found = compare(stored.url, ENCODED, [], NOW, SECRET)
    assert (found.lost, found.doubled) == (1, 0)
    assert found.wrong > 0
    assert found.first.startswith("touchpoints lacks ")


def test_a_rejection_that_is_missing_is_lost(stored: ClickHouseProcess) -> None:
    assert compare(stored.url, ENCODED[:-1], ENCODED[-1:], NOW, SECRET).lost == 1


def test_an_event_at_two_customers_is_doubled(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data") as server:
        write_answer(server.url, DATABASE, EVENTS, NOW, SECRET)
        client = connect(server.url, database=DATABASE)
        client.command(
            "INSERT INTO touchpoint_rows SELECT * REPLACE ('nobody' AS customer) FROM touchpoint_rows LIMIT 1"
        )
        client.close()
        found = compare(server.url, ENCODED, [], NOW, SECRET)
    assert (found.lost, found.doubled) == (0, 1)
    assert found.first.startswith("touchpoints has ")


def test_a_letter_for_another_reason_is_wrong_and_does_not_stand_for_the_rejection(tmp_path: Path) -> None:
    rejected = orjson.dumps({"id": "rejected-1"})
    with ClickHouseProcess(tmp_path / "data") as server:
        write_answer(server.url, DATABASE, EVENTS, NOW, SECRET)
        client = connect(server.url, database=DATABASE)
        write_letter(client, 0, Reason.REFUSED_BY_STORE, rejected)
        other = compare(server.url, ENCODED, [rejected], NOW, SECRET)
        write_letter(client, 1, Reason.NO_IDENTIFIER, rejected)
        write_letter(client, 2, Reason.NO_IDENTIFIER, rejected)
        twice = compare(server.url, ENCODED, [rejected], NOW, SECRET)
        client.close()
    assert other[:3] == (1, 0, 1)
    assert other.first == "dead_letters has ('refused_by_store', 'rejected-1')"
    assert twice[:3] == (0, 1, 1)


def write_letter(client: Client, offset: int, reason: Reason, payload: bytes) -> None:
    block = block_of(DEAD_LETTERS, [("touchpoints.web", 0, offset, 0, NOW, reason.value, "", "", payload, 0)])
    assert block is not None
    insert(client, block)
