"""What every release wrote migrates to this version, and reads the same."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import MigrationSettings, known_migrations, migrate
from pipeline.adapters.clickhouse.standing import standing
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.settings.model import Retention
from tests.data.releases.snapshot import HISTORY, Rows, read_view, restore, tables, views
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

RELEASES = sorted((Path(__file__).parents[2] / "data" / "releases").glob("[0-9]*"))
_numbers = count()


@pytest.fixture(params=RELEASES, ids=lambda path: str(path.name))
def release(request: pytest.FixtureRequest) -> Path:
    directory: Path = request.param
    return directory


@pytest.fixture
def old(clickhouse: ClickHouseProcess, release: Path) -> Iterator[Client]:
    """A database as the release left it, by the migrations that it had, with its rows."""
    settings = upgraded(f"release_{next(_numbers)}")
    server = clickhouse.client()
    server.command(f"CREATE DATABASE {settings.database} ENGINE = Atomic")
    client = clickhouse.client(settings.database)
    migrate(client, settings, [])
    restore(client, HISTORY, release)
    applied = {int(row[0]) for row in client.query(f"SELECT version FROM {HISTORY}").result_rows}
    for migration in known_migrations():
        for statement in migration.statements if migration.version in applied else []:
            client.command(settings.render(statement))
    for table in tables(release):
        if table != HISTORY:
            restore(client, table, release)
    yield client
    client.close()
    server.command(f"DROP DATABASE {settings.database}")
    server.close()


def upgraded(database: str) -> MigrationSettings:
    """Dead letters stay: those of a release are older than the month for which they are kept."""
    return MigrationSettings(database=database, retention=Retention(dead_letters_days=0))


def upgrade(client: Client) -> list[int]:
    return [migration.version for migration in migrate(client, upgraded(str(client.database)))]


def test_the_restored_release_reads_as_it_did(old: Client, release: Path) -> None:
    expected = views(release)
    assert {"touchpoints", "journeys", "frictions", "identities", "dead_letters"} <= expected.keys()
    for view, rows in expected.items():
        assert rows, view
        assert read_view(old, view, list(rows[0])) == rows, view


def test_only_what_is_new_is_applied(old: Client) -> None:
    """An applied migration that was edited since would be refused here."""
    applied = [int(row[0]) for row in old.query(f"SELECT version FROM {HISTORY} ORDER BY version").result_rows]
    assert applied + upgrade(old) == [migration.version for migration in known_migrations()]
    assert upgrade(old) == []


def test_every_view_reads_the_same(old: Client, release: Path) -> None:
    upgrade(old)
    for view, rows in views(release).items():
        assert read_view(old, view, list(rows[0])) == rows, view


async def test_workers_find_what_was_kept(old: Client, release: Path) -> None:
    upgrade(old)
    expected = views(release)
    store = ClickHouseStore(old, Catalogue.load(schema_directories()).touchpoints)
    identifiers = {str(row["identifier"]) for row in expected["identities"]}
    found = await store.load(sorted(identifiers | {str(row["customer"]) for row in expected["touchpoints"]}))
    store.close()
    touches = [(name, touch.event.id) for name, mailbox in found.items() for touch in mailbox.touches]
    assert sorted(touches) == sorted((str(row["customer"]), str(row["event_id"])) for row in expected["touchpoints"])
    linked = {str(row["identifier"]) for row in expected["identities"] if row["identifier"] != row["customer"]}
    assert linked
    assert all(found[identifier].state for identifier in linked)
    assert sum(len(mailbox.journeys) for mailbox in found.values()) == len(expected["journeys"])
    assert sum(len(mailbox.frictions) for mailbox in found.values()) == len(expected["frictions"])


def test_what_stands_open_is_the_same(old: Client, release: Path) -> None:
    upgrade(old)
    expected = views(release)
    opened = [row for row in expected["journeys"] if row["status"] == "open" and not row["probe"]]
    assert opened
    now = standing(old)
    assert now.at_risk
    assert sum(now.open_journeys.values()) == len(opened)
    assert now.at_risk == pytest.approx(_at_risk(opened, expected["frictions"]))


def _at_risk(journeys: Rows, frictions: Rows) -> dict[tuple[str, str], float]:
    """Each journey's value, at the touchpoint of its worst friction, the latest of several, or of its last step."""
    found: dict[tuple[str, str], float] = {}
    for journey in journeys:
        value, steps = journey["value_at_risk"], journey["step_touchpoint"]
        assert isinstance(value, (int, float))
        assert isinstance(steps, list)
        worst = max(
            (
                (friction["severity"], friction["time"], str(friction["touchpoint"]))
                for friction in frictions
                if friction["journey_id"] == journey["journey_id"]
                and (friction["severity"] == 3 or friction["kind"] == "checkout_abandoned")
            ),
            default=(0, "", str(steps[-1])),
        )
        if value:
            key = (worst[2], str(journey["currency"]))
            found[key] = found.get(key, 0.0) + value
    return found
