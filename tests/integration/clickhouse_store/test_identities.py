"""The view `identities` follows the timelines of owners up to the customers."""

from random import Random

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.stitching.changes import Changes, CustomerChanges
from tests.contract.identities import Expected, World

pytestmark = pytest.mark.server


@pytest.mark.parametrize(("seed", "per_namespace"), [(1, 1), (2, 3), (3, 10), (4, 40)])
async def test_it_is_what_asking_at_each_moment_gives(
    client: Client, store: ClickHouseStore, seed: int, per_namespace: int
) -> None:
    world = World(Random(seed), per_namespace)
    await _save(store, world)
    assert _view(client) == world.expected()


async def test_a_later_version_of_a_mailbox_counts(client: Client, store: ClickHouseStore) -> None:
    before, after = World(Random(5), 6), World(Random(6), 6)
    before.journeys = after.journeys
    replaced = {row.identifier for row in after.mailboxes}
    await _save(store, after, version=2)
    await _save(store, before, version=1)
    after.mailboxes += [row for row in before.mailboxes if row.identifier not in replaced]
    assert _view(client) == after.expected()


async def test_clients_read_periods_without_start_or_end(client: Client, store: ClickHouseStore) -> None:
    await _save(store, World(Random(3), 10))
    periods = client.query("SELECT valid_from, valid_to FROM identities").result_rows
    assert {(since is None, until is None) for since, until in periods} >= {(True, True), (True, False), (False, True)}


def test_nothing_is_known_of_nobody(client: Client) -> None:
    assert _view(client) == []


async def _save(store: ClickHouseStore, world: World, version: int = 1) -> None:
    customers = [CustomerChanges(journey.customer, 3, journeys=[journey]) for journey in world.journeys]
    await store.save(Changes(mailboxes=world.mailboxes, customers=customers), {3: version << 40})


def _view(client: Client) -> list[Expected]:
    rows = client.query(
        "SELECT identifier, customer, toUnixTimestamp64Milli(valid_from), toUnixTimestamp64Milli(valid_to), shared,"
        " namespace FROM identities ORDER BY identifier, valid_from NULLS FIRST"
    ).result_rows
    assert all(row[0].startswith(row[5] + ":") for row in rows)
    return [(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]
