"""`touchline config`: the effective settings and where each comes from."""

import click
import msgspec
from rich.table import Table

from pipeline.cli.console import data_table
from pipeline.cli.context import Context, pass_context
from pipeline.settings.effective import effective_values
from pipeline.settings.load import DEFAULT


@click.command()
@click.option("--changed", is_flag=True, help="Only what is not a default.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_context
def config(context: Context, changed: bool, as_json: bool) -> None:
    """Print the effective settings and where each comes from; secrets are masked.

    A setting `section.key` is set in the TOML file, or by the variable TOUCHLINE_SECTION__KEY, which overrides it.
    Durations are written like 30s, 5min or 14d.
    """
    values = [value for value in effective_values(context.loaded) if not (changed and value.origin == DEFAULT)]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(values)).decode())
        return
    table = Table("setting", "from", "value", box=None, pad_edge=False)
    for value in values:
        table.add_row(value.name, value.origin, value.value, style="dim" if value.origin == DEFAULT else None)
    data_table(table)
