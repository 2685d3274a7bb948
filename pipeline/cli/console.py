"""Human output: to stderr, with colour only on a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status
from rich.table import Table

PIPE_WIDTH = 120
"""Columns where there is no terminal."""
UNLIMITED_WIDTH = 2**31
"""Columns of output that must not be cut off."""


def human() -> Console:
    """The console for people; created for each use so that it follows a redirected stderr."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else _pipe_width(), soft_wrap=False)


def say(message: str, style: str | None = None) -> None:
    """Print one line for people; markup in the text is not interpreted."""
    human().print(message, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def waiting(message: str, *, only_on_a_terminal: bool = False) -> Iterator[Status]:
    """Show a status while work goes on. Without a terminal print it once, or not at all if `only_on_a_terminal`."""
    console = human()
    if not (console.is_terminal or only_on_a_terminal):
        say(message)
    with console.status(message) as status:
        yield status


def _pipe_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return (int(columns) if columns.isdecimal() else 0) or PIPE_WIDTH


def data_table(table: Table) -> None:
    """Print a table as data to stdout: fitted to the width of a terminal, never cut off elsewhere."""
    for column in table.columns:
        column.overflow = "fold"  # an id that is cut off is useless
    if sys.stdout.isatty():
        Console(markup=False, emoji=False).print(table)
        return
    console = Console(width=UNLIMITED_WIDTH, no_color=True, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
