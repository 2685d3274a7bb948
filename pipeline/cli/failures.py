"""Failures among many items, reported without flooding the terminal."""

from typing import Final

from pipeline.cli.console import say
from pipeline.cli.shown import printable

SHOWN: Final = 20


class Failures:
    """The first are shown, all are counted."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, what: str, reason: str) -> None:
        """Count one, and show what failed and why if it is among the first."""
        self.count += 1
        if self.count <= SHOWN:
            say(f"{what}: {printable(reason)}", "red")
        elif self.count == SHOWN + 1:
            say("there are more; they are counted, not shown", "red")
