"""Migrates the ClickHouse schema at a URL, as the settings say."""

from pipeline.adapters.clickhouse.client import Address, connect
from pipeline.adapters.clickhouse.migrate import Migration, MigrationSettings, migrate
from pipeline.settings.model import Settings


def migration_settings(url: str, settings: Settings, cluster: str = "") -> MigrationSettings:
    """What the migrations of the store at a URL depend on.

    Raises:
        ValueError: The URL or the cluster's name is malformed.
    """
    return MigrationSettings(database=Address.parse(url).database, cluster=cluster, retention=settings.retention)


def migrate_schema(url: str, settings: Settings, cluster: str = "", *, join: bool = False) -> list[Migration]:
    """Migrate the store at a URL; returns what was applied. `join`: see `migrate`.

    Raises:
        MigrationError: The store and this version do not fit together.
        StoreUnavailableError: The server cannot be reached.
        ValueError: The URL is malformed.
    """
    wanted = migration_settings(url, settings, cluster)
    client = connect(url, database="default")
    try:
        return migrate(client, wanted, join=join)
    finally:
        client.close()
