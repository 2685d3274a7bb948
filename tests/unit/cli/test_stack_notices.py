"""Notices of a stack to a terminal that is gone."""

import io
import sys

import pytest

from pipeline.adapters.stack.notice import Level, Notice
from pipeline.cli.stack import show


class Gone(io.StringIO):
    """A terminal that was closed, or a pipe that nobody reads."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), BrokenPipeError(32, "Broken pipe")])
def test_a_reader_that_has_gone_does_not_end_the_stack(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone(error))
    show(Notice(Level.INFO, "stopping"))
