"""Ctrl-C: one line about what was done, and exit status 130."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner

from pipeline.cli import main as main_module
from pipeline.cli.commands import dead_letters, emit, import_, settle, simulate, tail
from pipeline.cli.main import touchline
from pipeline.events.record import Record

EVENT = b'{"type": "web.page_viewed", "id": "1"}\n'


class InterruptedProducer:
    """Takes two events; then somebody presses Ctrl-C."""

    def __init__(self, servers: object, on_failure: object, on_silence: object) -> None:
        self.accepted = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, topic: str, event: bytes, position: int) -> None:
        if self.accepted == 2:
            raise KeyboardInterrupt
        self.accepted += 1


def stopped(*arguments: str, given: bytes = b"") -> str:
    """What a command that is stopped says last."""
    result = CliRunner().invoke(touchline, arguments, input=given)
    assert result.exit_code == 130, result.output
    return result.stderr.splitlines()[-1]


def test_emit_tells_what_the_broker_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emit, "EventProducer", InterruptedProducer)
    assert stopped("emit", given=EVENT * 3).startswith("stopped: 2 events were sent, perhaps a few more;")
    monkeypatch.setattr(InterruptedProducer, "__enter__", interrupt)
    assert stopped("emit", given=EVENT) == "stopped: the broker has acknowledged no event yet"


def test_import_tells_what_the_broker_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = tmp_path / "visits.toml"
    mapping.write_text(
        'name = "visits"\n[inputs.visits]\n[[events]]\ntype = "web.page_viewed"\nid = "{n}"\ntime = "at"\n'
        'identifiers.customer_id = "n"\ndata.url = "url"\ndata.status.constant = 200\n'
    )
    rows = tmp_path / "visits.csv"
    rows.write_text("n,at,url\n" + "".join(f"{number},2026-01-01,/\n" for number in range(1, 4)))
    monkeypatch.setattr(import_, "EventProducer", InterruptedProducer)
    assert stopped("import", str(mapping), str(rows)).startswith("stopped: 2 events were sent,")


def test_simulate_tells_what_it_has_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "_write", interrupt)
    assert stopped("simulate", "--people", "30") == "stopped: 0 events were written"


def test_tail_tells_what_it_has_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def records(*_: object) -> Iterator[Record]:
        yield Record("touchpoints.web", 0, 0, 0, EVENT)
        raise KeyboardInterrupt

    monkeypatch.setattr(tail, "watch", records)
    assert stopped("tail") == "stopped: 1 lines were shown"


def test_settle_tells_what_is_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "settle_broker", interrupt)
    assert stopped("settle") == "stopped: the broker has not been asked yet what is left"


def test_a_replay_tells_what_was_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "reader", nullcontext)
    monkeypatch.setattr(dead_letters, "writer", nullcontext)
    monkeypatch.setattr(dead_letters, "send_again", interrupt)
    said = stopped("dead-letters", "replay", "--everything", "--unchecked")
    assert said.startswith("stopped: 0 letters were sent again; perhaps a few more,")


def test_what_has_nothing_to_tell_says_that_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cli.commands.query.reader", interrupt)
    assert stopped("query", "SELECT 1") == "stopped"


def test_while_the_command_line_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(main_module.LazyGroup, "parse_args", interrupt)
    with pytest.raises(SystemExit) as ended:
        main_module.main(["config"])
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "stopped"


def test_while_it_loads() -> None:
    code = (
        "import importlib\n"
        "def stop(name): raise KeyboardInterrupt\n"
        "importlib.import_module = stop\n"
        "from pipeline.cli.__main__ import main\n"
        "main()\n"
    )
    loading = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (loading.returncode, loading.stdout, loading.stderr) == (130, b"", b"stopped\n")


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
