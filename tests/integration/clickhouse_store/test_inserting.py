"""What is left of an insert."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.inserting import insert
from pipeline.adapters.clickhouse.tables import DEAD_LETTERS, Block
from tests.contract.samples import NOON

pytestmark = pytest.mark.server

INSERTS = 50


class Column(list[object]):
    """A column whose end can be seen."""


@pytest.fixture
def no_search() -> Iterator[None]:
    """Nobody looks for reference cycles."""
    gc.disable()
    yield
    gc.enable()


def letter() -> list[Column]:
    return [Column([value]) for value in ("t", 0, 0, 0, NOON, "not_json", "", "", b"", 0)]


@pytest.mark.usefixtures("no_search")
def test_nothing_keeps_the_rows_of_an_insert_in_memory(client: Client) -> None:
    columns = letter()
    followed = [weakref.ref(column) for column in columns]
    insert(client, Block(DEAD_LETTERS, columns))
    del columns
    assert [column() for column in followed if column() is not None] == []


@pytest.mark.usefixtures("no_search")
def test_an_insert_leaves_nothing_that_refers_to_itself(client: Client) -> None:
    insert(client, Block(DEAD_LETTERS, letter()))
    gc.collect()
    for _ in range(INSERTS):
        insert(client, Block(DEAD_LETTERS, letter()))
    assert gc.collect() < INSERTS  # a connection that had to be made anew leaves something, now and then
