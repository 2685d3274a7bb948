"""`touchline migrate`: the ClickHouse schema."""

import click

from pipeline.adapters.clickhouse.migrate import Migration, MigrationError, schema
from pipeline.adapters.stack.schema import migrate_schema, migration_settings
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.reading import server_words
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError


@click.command()
@click.option(
    "--cluster", default="", help="A cluster of the server's configuration, for Replicated and Distributed tables."
)
@click.option("--join", is_flag=True, help="Create the connected server's schema on servers that joined the cluster.")
@click.option("--dry-run", is_flag=True, help="Print the statements for an empty store, without connecting.")
@pass_context
def migrate(context: Context, cluster: str, join: bool, dry_run: bool) -> None:
    """Bring the ClickHouse schema to this version. Running it again does nothing."""
    if join and not cluster:
        raise click.UsageError("--join needs --cluster")
    try:
        if dry_run:
            _print(context, cluster)
            return
        with waiting("migrating"):
            applied = migrate_schema(context.clickhouse_url, context.settings, cluster, join=join)
    except MigrationError as error:
        raise CommandError(str(error)) from error
    except (StoreUnavailableError, StoreRejectedError) as error:
        remedy = "Check the address in `clickhouse`; `touchline up` runs an endpoint."
        raise CommandError(server_words(error, context.clickhouse_url), remedy) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _tell(applied)


def _print(context: Context, cluster: str) -> None:
    for statement in schema(migration_settings(context.clickhouse_url, context.settings, cluster)):
        click.echo(f"{statement.strip()};\n")


def _tell(applied: list[Migration]) -> None:
    for migration in applied:
        say(f"applied {migration.version:04} {migration.name}")
    if not applied:
        say("the schema is up to date")
