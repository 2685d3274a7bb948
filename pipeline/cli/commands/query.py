"""`touchline query`: reading with SQL."""

import re
import sys
from collections.abc import Iterator, Sequence
from io import IOBase
from pathlib import Path

import click
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import data_table, say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.reading import reader
from pipeline.cli.shown import printable

STREAMED = {"csv": "CSVWithNames", "json": "JSONEachRow"}
SHOWN_ROWS = 10_000
LEAST_COLUMN = 10
"""Characters that a column of a table needs to be readable."""
ASKING = "asking ClickHouse"
LONGEST_SECONDS = 600
"""How long to wait for an answer."""
LONGEST_NAME = 255
"""Bytes in the name of a file."""
_FAILED_AT = re.compile(r"failed at position (\d+)")
_UNCLOSED = re.compile(r"Unmatched parentheses: .*")
_FORMAT = re.compile(r"\sFORMAT\s+\w+$", re.IGNORECASE)


@click.command()
@click.argument("sql", nargs=-1, required=True)
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="json: one object per line; csv: with a header line.",
)
@pass_context
def query(context: Context, sql: tuple[str, ...], output: str) -> None:
    """Read from ClickHouse with SQL, one statement in quotes; - reads it from stdin. It never writes.

    The views are touchpoints, journeys, journey_summaries (journeys without their steps, faster to read), frictions,
    identities and dead_letters.

    Example: touchline query "SELECT kind, count() FROM frictions GROUP BY kind ORDER BY 2 DESC"
    """
    if len(sql) > 1:
        raise click.UsageError("the statement is one argument: put it in quotes")
    statement = (_read_stdin() if sql[0] == "-" else sql[0]).strip().rstrip("; \n\t")
    if not statement:
        raise click.UsageError("an SQL statement expected")
    try:
        with reader(context, LONGEST_SECONDS) as client:
            if output == "table":
                _print_table(client, statement)
            else:
                _stream(client, statement, STREAMED[output])
    except CommandError as error:
        raise _explained(error, statement) from error


def _explained(error: CommandError, statement: str) -> CommandError:
    """Explain a syntax error by the user's statement, to which the client appends `FORMAT Native`."""
    if "Syntax error" not in error.message:
        return error
    if _FORMAT.search(statement):
        return CommandError(error.message, "Leave FORMAT out: use --format table, json or csv.")
    if len(statement.encode()) <= LONGEST_NAME and Path(statement).is_file():
        return CommandError(error.message, f"Is the file meant? `touchline query - < {statement}` reads it.")
    where = _FAILED_AT.search(error.message)
    if where and int(where[1]) > len(statement.encode()):
        unclosed = _UNCLOSED.search(error.message)
        reason = unclosed[0] if unclosed else f"the statement breaks off after '{statement.split()[-1]}'"
        return CommandError(f"Syntax error: {reason}", "Is something missing at its end?")
    return error


def _read_stdin() -> str:
    try:
        return click.get_binary_stream("stdin").read().decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"an SQL statement in UTF-8 expected, found other bytes at {error.start:,}") from error


def _print_table(client: Client, statement: str) -> None:
    with waiting(ASKING, only_on_a_terminal=True):
        result = client.query(statement)
    if not result.result_rows:
        say("no rows")
        return
    cells = [[_cell(value) for value in row] for row in result.result_rows[:SHOWN_ROWS]]
    for table in _tables(result.column_names, cells):
        data_table(table)
    left_out = len(result.result_rows) - SHOWN_ROWS
    if left_out > 0:
        say(f"{left_out:,} more rows are not shown; --format csv or json gives all")


def _tables(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Table]:
    """All rows as one table; on a terminal that is too narrow, each row as a table of its own, a column per line."""
    if sys.stdout.isatty() and len(names) * LEAST_COLUMN > Console().width:
        for number, row in enumerate(rows, start=1):
            yield _table((f"row {number:,}", ""), list(zip(names, row, strict=True)))
    else:
        yield _table(names, rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*names, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table


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
