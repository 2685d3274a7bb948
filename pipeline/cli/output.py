"""Standard output, whose reader may go away before everything is written."""

import io
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

READER_GONE: Final = 141
"""The exit status that shells report for a program that SIGPIPE ended."""


class OutputLostError(Exception):
    """Standard output can no longer be written to; later output is dropped.

    Not an `OSError`: commands write while they talk to servers, and an `OSError` there means an outage.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output cannot be written: {error.strerror}")
        self.reader_gone: Final = isinstance(error, BrokenPipeError)


class _Output(io.FileIO):
    """A file descriptor that can be lost."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or drop it and raise `OutputLostError`, once."""
        try:
            return super().write(data)
        except OSError as error:
            self._drop()
            raise OutputLostError(error) from error

    def _drop(self) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self.fileno())
        os.close(nothing)


def watch_output() -> None:
    """Make writes to standard output raise `OutputLostError` when they fail."""
    before = sys.stdout
    if before is None:  # the process that started us closed it
        sys.stdout = io.TextIOWrapper(io.FileIO(os.devnull, "w"))
    elif before is sys.__stdout__ and isinstance(before, io.TextIOWrapper):
        raw = _Output(before.fileno(), "w", closefd=False)
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw), before.encoding, before.errors, line_buffering=before.line_buffering
        )
