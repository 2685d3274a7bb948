"""What a stack says, also where nobody reads it."""

import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.stack.notice import Level, Notice
from pipeline.adapters.stack.plan import StackPlan
from pipeline.cli.stack import announce, show
from pipeline.settings.model import Settings


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


@pytest.fixture
def ignoring_interrupts() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def announced(capsys: pytest.CaptureFixture[str], workers: int = 1) -> str:
    settings = Settings(workers=workers)
    announce(StackPlan(settings=settings, data=Path("/data"), config=None, secret_file=None, environment={}))
    return capsys.readouterr().err


def test_it_says_what_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Ctrl-C drains and stops" in announced(capsys)


@pytest.mark.usefixtures("ignoring_interrupts")
def test_where_ctrl_c_is_ignored_it_says_what_ends_it_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert "SIGTERM drains and stops" in announced(capsys)


def test_it_says_that_there_are_more_workers_than_partitions(capsys: pytest.CaptureFixture[str]) -> None:
    assert "stitch nothing" not in announced(capsys, workers=8)
    assert "2 of 10 workers stitch nothing" in announced(capsys, workers=10)
