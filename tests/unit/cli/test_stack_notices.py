"""What a stack says, also where nobody reads it."""

import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.adapters.stack.notice import Level, Notice
from pipeline.adapters.stack.plan import StackPlan
from pipeline.cli.stack import announce, show
from pipeline.settings.collector import Collector
from pipeline.settings.model import Embedded, Settings
from pipeline.settings.secret import Secret


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


def announced(capsys: pytest.CaptureFixture[str], settings: Settings | None = None) -> str:
    settings = settings or Settings()
    announce(StackPlan(settings=settings, data=Path("/data"), config=None, secret_file=None, environment={}))
    return capsys.readouterr().err


def test_it_says_what_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Ctrl-C drains and stops" in announced(capsys)


@pytest.mark.usefixtures("ignoring_interrupts")
def test_where_ctrl_c_is_ignored_it_says_what_ends_it_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert "SIGTERM drains and stops" in announced(capsys)


def test_it_says_that_there_are_more_workers_than_partitions(capsys: pytest.CaptureFixture[str]) -> None:
    assert "stitch nothing" not in announced(capsys, Settings(workers=8))
    assert "2 of 10 workers stitch nothing" in announced(capsys, Settings(workers=10))


def test_it_says_what_anybody_may_do_who_reaches_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert "anybody" not in announced(capsys)
    everywhere = Settings(embedded=Embedded(host="0.0.0.0"), collector=Collector(host="0.0.0.0"))
    said = announced(capsys, everywhere)
    assert "anybody who reaches 0.0.0.0:9092 may read and send events" in said
    assert "anybody who reaches http://0.0.0.0:8080 may send events: set collector.write_keys" in said
    known = msgspec.structs.replace(everywhere.collector, write_keys={"shop": Secret("key")})
    said = announced(capsys, msgspec.structs.replace(everywhere, collector=known, broker="kafka:9092"))
    assert "anybody" not in said


def test_it_says_that_the_broker_refers_its_clients_to_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    everywhere = announced(capsys, Settings(embedded=Embedded(host="0.0.0.0")))
    assert "the embedded broker refers its clients to 0.0.0.0:9092" in everywhere
    assert "set embedded.host" in everywhere
    assert "refers" not in announced(capsys, Settings(embedded=Embedded(host="192.0.2.1")))
    assert "refers" not in announced(capsys, Settings(embedded=Embedded(host="0.0.0.0"), broker="kafka:9092"))
