"""Bring the ClickHouse schema to this version."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import DATABASE
from pipeline.adapters.clickhouse.cluster import (
    ClusterError,
    clustered,
    definitions,
    require_cluster,
    require_layout,
    storage_table,
)
from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.retention import apply_retention, initial_retention
from pipeline.settings.model import Retention

_FILE_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")
_STATEMENT_END: Final = re.compile(r";[ \t]*(?:\n|$)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DATABASE: Final = "CREATE DATABASE IF NOT EXISTS ${database} ${on_cluster} ENGINE = Atomic"
_HISTORY: Final = """
CREATE TABLE IF NOT EXISTS ${database}.schema_migrations ${on_cluster}
(
    version UInt32,
    name String,
    checksum FixedString(64) COMMENT 'SHA-256 of the migration as it was applied',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(applied_at)
ORDER BY version
"""


class MigrationError(Exception):
    """The schema in the store and this version of the software do not fit together; says what to do."""


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the migrations depend on besides their text."""

    database: str = DATABASE
    cluster: str = ""
    """A cluster of the server's configuration, for Replicated and Distributed tables; empty: one server."""
    retention: Retention = msgspec.field(default_factory=Retention)

    def __post_init__(self) -> None:
        for name in (self.database, self.cluster or "none"):
            if not _IDENTIFIER.fullmatch(name):
                raise ValueError(f"a database or cluster is named by letters, digits and _, not {name!r}")

    @property
    def on_cluster(self) -> str:
        """The clause that makes a statement run on all servers; empty for a single server."""
        return f"ON CLUSTER {self.cluster}" if self.cluster else ""

    def render(self, template: str) -> str:
        """Fill the placeholders of a migration."""
        return Template(template).substitute(
            database=self.database,
            cluster=self.cluster,
            on_cluster=self.on_cluster,
            replicated="",
        )

    def statements(self, template: str) -> list[str]:
        """The statements to run for a statement of a migration: on a cluster there may be several."""
        return [self.render(part) for part in (clustered(template) if self.cluster else [template])]

    def storage_table(self, table: str) -> str:
        """The table that stores the rows of a table."""
        return storage_table(table) if self.cluster else table


class Migration(msgspec.Struct, frozen=True):
    """One file of `migrations/`: `0001_name.sql`. A statement ends with a semicolon at the end of a line."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, 64 hexadecimal digits."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The statements with their placeholders, in order."""
        return [part.strip() for part in _STATEMENT_END.split(self.text) if part.strip()]


def known_migrations() -> list[Migration]:
    """The migrations of this version of the software, in order."""
    folder = files("pipeline.adapters.clickhouse") / "migrations"
    found = [(match, file) for file in folder.iterdir() if (match := _FILE_NAME.fullmatch(file.name))]
    migrations = [Migration(int(match[1]), match[2], file.read_text("utf-8")) for match, file in found]
    return sorted(migrations, key=lambda migration: migration.version)


def schema(settings: MigrationSettings) -> Iterator[str]:
    """The statements that give an empty store the schema that `migrate` gives it, in order."""
    yield settings.render(_DATABASE)
    yield from settings.statements(_HISTORY)
    for migration in known_migrations():
        for statement in migration.statements:
            yield from settings.statements(statement)
    yield from initial_retention(settings.database, settings.retention, settings.storage_table, settings.on_cluster)


def migrate(
    client: Client,
    settings: MigrationSettings | None = None,
    migrations: Sequence[Migration] | None = None,
    *,
    join: bool = False,
) -> list[Migration]:
    """Create the database, apply the migrations it lacks, and set the configured retention.

    Every statement is idempotent: two of these may run at once, and an interrupted migration is run again.

    Args:
        client: Connected as a user who may create databases and tables.
        settings: Database, cluster and retention.
        migrations: Instead of those that come with this version.
        join: Give servers that have joined the cluster the tables and views of the one connected to.

    Returns:
        The migrations that were applied now; empty if the schema was up to date.

    Raises:
        MigrationError: An applied migration differs from the file, the store is newer than this software, the server is
            not configured as a part of the cluster, or the tables are laid out for another cluster or for none.
        StoreUnavailableError: The server cannot be reached; try again.
    """
    settings = settings or MigrationSettings()
    migrations = known_migrations() if migrations is None else migrations
    with store_errors():
        _prepare(client, settings)
        for statement in definitions(client, settings.database, settings.cluster) if join else []:
            client.command(statement)
        pending = _pending(migrations, _history(client, settings))
        for migration in pending:
            _apply(client, settings, migration)
        apply_retention(client, settings.database, settings.retention, settings.storage_table, settings.on_cluster)
    return pending


def _prepare(client: Client, settings: MigrationSettings) -> None:
    try:
        if settings.cluster:
            require_cluster(client, settings.cluster)
        require_layout(client, settings.database, settings.cluster)
    except ClusterError as error:
        raise MigrationError(str(error)) from error
    for statement in [settings.render(_DATABASE), *settings.statements(_HISTORY)]:
        client.command(statement)


def _history(client: Client, settings: MigrationSettings) -> dict[int, tuple[str, str]]:
    rows = client.query(settings.render("SELECT version, name, checksum FROM ${database}.schema_migrations FINAL"))
    return {version: (name, bytes(checksum).decode()) for version, name, checksum in rows.result_rows}


def _pending(migrations: Sequence[Migration], history: dict[int, tuple[str, str]]) -> list[Migration]:
    known = {migration.version: migration for migration in migrations}
    for version, (name, checksum) in sorted(history.items()):
        if version not in known:
            raise MigrationError(
                f"the store has migration {version:04}_{name}, which this version of Touchline does not know: "
                "it was migrated by a newer one. Upgrade this installation"
            )
        if known[version].checksum != checksum:
            raise MigrationError(
                f"migration {version:04}_{known[version].name} is not what was applied to this store "
                f"as {version:04}_{name}: an applied migration must not be edited. Restore it, or add a new migration"
            )
    return [migration for migration in migrations if migration.version not in history]


def _apply(client: Client, settings: MigrationSettings, migration: Migration) -> None:
    for template in migration.statements:
        for statement in settings.statements(template):
            client.command(statement)
    client.insert(
        "schema_migrations",
        [[migration.version, migration.name, migration.checksum.encode()]],
        column_names=["version", "name", "checksum"],
        column_type_names=["UInt32", "String", "FixedString(64)"],
        database=settings.database,
    )
