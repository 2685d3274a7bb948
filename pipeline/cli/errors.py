"""Failures of a command, as the user sees them."""

from typing import IO, Any, Final

import click

from pipeline.cli.console import human

IS_IT_RUNNING: Final = "Does it run? Start the stack with `touchline up`, or name another server in `{setting}`."
"""What to do when a server does not answer."""


class CommandError(click.ClickException):
    """The job failed (exit status 1): what, where, and what to do about it."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr."""
        show_error(self.message, self.remedy)


def show_error(message: str, remedy: str = "") -> None:
    """One error on stderr, with what to do about it on the next line."""
    console = human()
    console.print("error:", style="bold red", end=" ")
    console.print(message, markup=False, highlight=False, soft_wrap=True)
    if remedy:
        console.print(f"  {remedy}", markup=False, highlight=False, soft_wrap=True)
