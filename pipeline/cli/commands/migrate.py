"""`touchline migrate`: the ClickHouse schema."""

import click

from pipeline.adapters.clickhouse.migrate import MigrationError
from pipeline.adapters.stack.schema import migrate_schema
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.reading import server_words
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError


@click.command()
@click.option("--cluster", default="", help="A cluster of the server's configuration: Replicated tables on all nodes.")
@pass_context
def migrate(context: Context, cluster: str) -> None:
    """Bring the ClickHouse schema to this version. Running it again does nothing."""
    try:
        with waiting("migrating"):
            applied = migrate_schema(context.clickhouse_url, context.settings, cluster)
    except MigrationError as error:
        raise CommandError(str(error)) from error
    except (StoreUnavailableError, StoreRejectedError) as error:
        remedy = "Check the address in `clickhouse`; `touchline up` runs an endpoint."
        raise CommandError(server_words(error, context.clickhouse_url), remedy) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    for migration in applied:
        say(f"applied {migration.version:04} {migration.name}")
    if not applied:
        say("the schema is up to date")
