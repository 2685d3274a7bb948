"""`touchline query`: reading with SQL."""

import sys
from io import IOBase

import click
from clickhouse_connect.driver.client import Client
from rich.table import Table

from pipeline.cli.console import data_table, say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.reading import reader
from pipeline.cli.shown import printable

STREAMED = {"csv": "CSVWithNames", "json": "JSONEachRow"}
SHOWN_ROWS = 10_000
ASKING = "asking ClickHouse"


@click.command()
@click.argument("sql")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="json: one object per line; csv: with a header line.",
)
@pass_context
def query(context: Context, sql: str, output: str) -> None:
    """Read from ClickHouse with SQL; - reads the statement from stdin. It never writes.

    The views are touchpoints, journeys, frictions, identities and dead_letters.

    Example: touchline query "SELECT kind, count() FROM frictions GROUP BY kind ORDER BY 2 DESC"
    """
    statement = (_read_stdin() if sql == "-" else sql).strip().rstrip(";")
    if not statement:
        raise click.UsageError("an SQL statement expected")
    with reader(context) as client:
        if output == "table":
            _print_table(client, statement)
        else:
            _stream(client, statement, STREAMED[output])


def _read_stdin() -> str:
    try:
        return click.get_binary_stream("stdin").read().decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"an SQL statement in UTF-8 expected, found other bytes at {error.start:,}") from error


def _print_table(client: Client, statement: str) -> None:
    with waiting(ASKING, only_on_a_terminal=True):
        result = client.query(statement)
    table = Table(*result.column_names, box=None, pad_edge=False)
    for row in result.result_rows[:SHOWN_ROWS]:
        table.add_row(*(_cell(value) for value in row))
    data_table(table)
    left_out = len(result.result_rows) - SHOWN_ROWS
    if left_out > 0:
        say(f"{left_out:,} more rows are not shown; --format csv or json gives all")


def _stream(client: Client, statement: str, name: str) -> None:
    with waiting(ASKING, only_on_a_terminal=True):
        source = client.raw_stream(statement, fmt=name)
    assert isinstance(source, IOBase)
    with source:
        for chunk in source:
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bytes):
        return value.hex()
    return printable(str(value))
