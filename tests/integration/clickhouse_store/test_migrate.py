"""Migrations: idempotent, safe side by side, and strict about what does not fit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import (
    Migration,
    MigrationError,
    MigrationSettings,
    known_migrations,
    migrate,
)
from pipeline.adapters.clickhouse.retention import apply_retention
from pipeline.settings.model import Retention
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server
_numbers = count()


@pytest.fixture
def server(clickhouse: ClickHouseProcess) -> Iterator[Client]:
    client = clickhouse.client()
    yield client
    client.close()


@pytest.fixture
def settings(server: Client) -> Iterator[MigrationSettings]:
    settings = MigrationSettings(database=f"migrated_{next(_numbers)}")
    yield settings
    server.command(f"DROP DATABASE IF EXISTS {settings.database}")


def test_a_second_run_has_nothing_to_do(server: Client, settings: MigrationSettings) -> None:
    assert migrate(server, settings) == known_migrations()
    before = _tables(server, settings)
    assert {"touchpoints", "journeys", "frictions", "identities", "dead_letters"} <= before.keys()
    assert migrate(server, settings) == []
    assert _tables(server, settings) == before


def test_the_database_may_be_there_already(server: Client, settings: MigrationSettings) -> None:
    server.command(f"CREATE DATABASE {settings.database} ENGINE = Atomic")
    assert migrate(server, settings) == known_migrations()


def test_many_at_once_do_no_harm(clickhouse: ClickHouseProcess, server: Client, settings: MigrationSettings) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: migrate(clickhouse.client(), settings), range(4)))
    assert migrate(server, settings) == []
    assert server.query(f"SELECT count() FROM {settings.database}.identities").result_rows == [(0,)]


def test_a_run_that_was_cut_off_is_finished(server: Client, settings: MigrationSettings) -> None:
    first, *others = known_migrations()
    migrate(server, settings, [first])
    for statement in others[0].statements[:1]:
        server.command(settings.render(statement))
    assert migrate(server, settings) == others


def test_an_edited_migration_is_refused(server: Client, settings: MigrationSettings) -> None:
    migrate(server, settings)
    first, *others = known_migrations()
    edited = msgspec.structs.replace(first, text=first.text + "\n-- one more thought\n")
    with pytest.raises(MigrationError, match=f"0001_{first.name} is not what was applied"):
        migrate(server, settings, [edited, *others])


def test_a_newer_store_is_refused(server: Client, settings: MigrationSettings) -> None:
    newer = Migration(9000, "from_the_future", "CREATE VIEW ${database}.future AS SELECT 1;\n")
    migrate(server, settings, [*known_migrations(), newer])
    with pytest.raises(MigrationError, match=r"9000_from_the_future.*Upgrade this installation"):
        migrate(server, settings)


def test_retention_follows_the_configuration(server: Client, settings: MigrationSettings) -> None:
    migrate(server, settings)
    assert "toDateTime64(saved_at, 0, 'UTC') + toIntervalDay(30)" in _tables(server, settings)["dead_letter_rows"]
    assert "TTL" not in _tables(server, settings)["touchpoint_rows"]
    retention = Retention(touchpoints_days=400, journeys_days=500, frictions_days=600, dead_letters_days=0)
    migrate(server, msgspec.structs.replace(settings, retention=retention))
    tables = _tables(server, settings)
    assert "toDateTime64(time, 0, 'UTC') + toIntervalDay(400)" in tables["touchpoint_rows"]
    assert "toDateTime64(ended_at, 0, 'UTC') + toIntervalDay(500)" in tables["journey_rows"]
    assert "toDateTime64(time, 0, 'UTC') + toIntervalDay(600)" in tables["friction_rows"]
    assert "TTL" not in tables["dead_letter_rows"]
    migrate(server, settings)
    assert "TTL" not in _tables(server, settings)["touchpoint_rows"]


def test_a_time_to_live_of_a_former_release_is_replaced_once(server: Client, settings: MigrationSettings) -> None:
    settings = msgspec.structs.replace(settings, retention=Retention(touchpoints_days=400, dead_letters_days=0))
    migrate(server, settings)
    wanted = _tables(server, settings)
    former = "toDateTime(time, 'UTC') + toIntervalDay(400) DELETE WHERE is_deleted = 0"
    server.command(f"ALTER TABLE {settings.database}.touchpoint_rows MODIFY TTL {former}")
    altered = [apply_retention(server, settings.database, settings.retention, settings.storage_table) for _ in range(2)]
    assert altered == [["touchpoint_rows"], []]
    assert _tables(server, settings) == wanted


def test_what_is_too_old_goes_and_tombstones_stay(server: Client, settings: MigrationSettings) -> None:
    migrate(server, msgspec.structs.replace(settings, retention=Retention(touchpoints_days=10)))
    table = f"{settings.database}.touchpoint_rows"
    server.command(
        f"INSERT INTO {table} (customer, event_key, row_version, is_deleted, time) VALUES"
        " ('old', 'k1', 1, 0, now64(3) - INTERVAL 11 DAY), ('new', 'k2', 1, 0, now64(3)), ('gone', 'k3', 2, 1, 0)"
    )
    server.command(f"OPTIMIZE TABLE {table} FINAL")
    left = server.query(f"SELECT customer FROM {table} ORDER BY customer").result_columns
    assert left == [["gone", "new"]]


@pytest.mark.parametrize("days", [10, 36_500])
def test_what_is_older_than_the_epoch_goes_and_what_is_to_stay_for_a_century_stays(
    server: Client, settings: MigrationSettings, days: int
) -> None:
    migrate(server, msgspec.structs.replace(settings, retention=Retention(frictions_days=days)))
    table = f"{settings.database}.friction_rows"
    server.command(
        f"INSERT INTO {table} (customer, row_version, time) VALUES"
        " ('ancient', 1, '1900-01-01 23:59:59.999'), ('new', 1, now64(3))"
    )
    server.command(f"OPTIMIZE TABLE {table} FINAL")
    assert server.query(f"SELECT customer FROM {table}").result_rows == [("new",)]


@pytest.mark.parametrize("name", ["", "1st", "a-b", "x; DROP DATABASE y", "späti"])
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="named by letters"):
        MigrationSettings(database=name)


def _tables(client: Client, settings: MigrationSettings) -> dict[str, str]:
    rows = client.query(
        "SELECT name, engine_full FROM system.tables WHERE database = {database:String}",
        parameters={"database": settings.database},
    ).result_rows
    return {str(name): str(engine) for name, engine in rows}
