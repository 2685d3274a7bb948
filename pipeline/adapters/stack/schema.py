"""The ClickHouse schema brought to this version, for the address of the settings."""

from pipeline.adapters.clickhouse.client import Address, connect
from pipeline.adapters.clickhouse.migrate import Migration, MigrationSettings, migrate
from pipeline.settings.model import Settings


def migrate_schema(url: str, settings: Settings, cluster: str = "") -> list[Migration]:
    """Migrate the store at a URL; returns what was applied.

    Raises:
        MigrationError: The store and this version do not fit together.
        StoreUnavailableError: The server cannot be reached.
        ValueError: The URL is malformed.
    """
    wanted = MigrationSettings(database=Address.parse(url).database, cluster=cluster, retention=settings.retention)
    client = connect(url, database="default")
    try:
        return migrate(client, wanted)
    finally:
        client.close()
