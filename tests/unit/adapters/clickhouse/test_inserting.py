"""Blocks for which the server has no memory: tried in halves, then waited for, and never given up."""

from types import SimpleNamespace
from typing import cast

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from pipeline.adapters.clickhouse.errors import TooLargeError
from pipeline.adapters.clickhouse.inserting import NoSink, insert_watched
from pipeline.adapters.clickhouse.isolating import insert_isolated
from pipeline.adapters.clickhouse.tables import TOUCHPOINTS, Block
from pipeline.stitching.store import StoreUnavailableError

MEMORY_LIMIT_EXCEEDED = 241
VIOLATED_CONSTRAINT = 469


class Server:
    """Takes blocks of a few rows, unless one of them is bad."""

    def __init__(self, most: int, bad: str = "") -> None:
        self.most = most
        self.bad = bad
        self.tries: list[int] = []
        self.stored: list[object] = []

    def create_insert_context(self, _table: str, *, data: list[list[object]], **_: object) -> SimpleNamespace:
        return SimpleNamespace(data=data)

    def insert(self, context: SimpleNamespace) -> None:
        customers = context.data[0]
        self.tries.append(len(customers))
        if len(customers) > self.most:
            raise DatabaseError("Memory limit (for query) exceeded", code=MEMORY_LIMIT_EXCEEDED)
        if self.bad in customers:
            raise DatabaseError("Constraint is violated", code=VIOLATED_CONSTRAINT)
        self.stored += customers

    @property
    def client(self) -> Client:
        return cast("Client", self)


def block(rows: int) -> Block:
    """Rows that hold what matters here: a customer and an event key."""
    return Block(TOUCHPOINTS, [[f"customer-{number}" for number in range(rows)], [b"key"] * rows])


def test_a_block_that_is_too_large_is_stored_in_pieces() -> None:
    server = Server(most=3)
    insert_watched(server.client, block(10), NoSink())
    assert server.stored == block(10).columns[0]
    assert server.tries == [10, 5, 2, 3, 5, 2, 3]


def test_what_is_too_large_row_by_row_is_an_outage_after_a_few_tries() -> None:
    server = Server(most=0)
    with pytest.raises(StoreUnavailableError) as error:
        insert_isolated(server.client, block(1_000), NoSink())
    assert isinstance(error.value, TooLargeError)
    assert len(server.tries) == 10
    assert server.stored == []


def test_no_row_is_given_up_for_want_of_memory_but_a_bad_one_is() -> None:
    server = Server(most=4, bad="customer-5")
    (refused,) = insert_isolated(server.client, block(16), NoSink())
    assert refused.customer == "customer-5"
    assert set(server.stored) == set(block(16).columns[0]) - {"customer-5"}
