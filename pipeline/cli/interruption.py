"""Ctrl-C: a command says what it has done so far, and exits with the status that shells use for it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from pipeline.adapters.broker.producer import EventProducer
from pipeline.cli.console import say

INTERRUPTED = 130


class InterruptedCommand(click.ClickException):
    """The user stopped the command (exit status 130)."""

    exit_code = INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr, below the ^C that a terminal shows."""
        if sys.stderr.isatty():
            say("")
        say(self.message)


@contextmanager
def telling(done: Callable[[], str] = str) -> Iterator[None]:
    """Say what was done so far if Ctrl-C ends the block.

    Raises:
        InterruptedCommand: Ctrl-C ended it.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise InterruptedCommand(": ".join(filter(None, ("stopped", done())))) from interrupt


def sent(producer: EventProducer | None) -> str:
    """What a command has sent so far, if anything."""
    if producer is None or not producer.accepted:
        return "the broker has acknowledged no event yet"
    return f"{producer.accepted:,} events were sent, perhaps a few more; sending all of them again does no harm"
