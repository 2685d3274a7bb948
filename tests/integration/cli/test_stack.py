"""The stack as a user runs it, and the commands beside it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import orjson
import pytest

from tests.integration.cli.visits import visits
from tests.servers.processes import command_line, is_running
from tests.servers.stack import StackProcess
from tests.waiting import eventually

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with StackProcess(tmp_path_factory.mktemp("stack") / "data", collector=True) as running:
        yield running


def status_of(stack: StackProcess) -> Any:
    return orjson.loads(stack.done("status", "--json"))


def stored(stack: StackProcess) -> int:
    """Touchpoints in the store."""
    ((count,),) = stack.rows("SELECT count() FROM touchpoints")
    return int(count)


def test_what_is_emitted_and_settled_can_be_queried(stack: StackProcess) -> None:
    before = stored(stack)
    result = stack.touchline("emit", "-", given=visits(0, 500))
    assert (result.returncode, result.stdout) == (0, b"")
    assert b"500 accepted, 0 failed" in result.stderr
    stack.done("settle")
    assert stored(stack) == before + 500
    assert stack.rows("SELECT count() FROM journeys WHERE customer = 'anonymous_id:visitor-7'") == [(1,)]


def test_lines_that_cannot_be_sent_are_named(stack: StackProcess) -> None:
    result = stack.touchline("emit", given=b'{"type": "web.x", "id": "1"}\n\n{"type": "nope.x"}\nnot json\n')
    assert result.returncode == 1
    said = result.stderr.decode()
    assert "1 accepted, 2 failed" in said
    assert "line 3: no topic for the type 'nope.x'" in said
    assert "line 4: column 1: this is not JSON" in said


def test_status_is_data_for_machines(stack: StackProcess) -> None:
    stack.done("emit", given=visits(10_000, 10))
    stack.done("settle")
    assert eventually(lambda: status_of(stack)["oldest_unprocessed"] is None), (
        "the last markers of settling are handled too"
    )
    status = status_of(stack)
    assert status["healthy"] is True
    assert [worker["reachable"] for worker in status["workers"]] == [True]
    assert {lag["topic"] for lag in status["lag"]} >= {"touchpoints.web", "touchline.mail"}
    assert "web" in {source["source"] for source in status["sources"]}


def test_a_rejection_shows_in_tail_and_status(stack: StackProcess) -> None:
    stack.done("emit", given=b'{"specversion": "1.0", "type": "web.page_vewed", "id": "1", "source": "/x"}')
    stack.done("settle")
    lines = stack.done("tail", "--rejected", "--from-start", "--limit", "1", "--json").splitlines()
    assert len(lines) == 1
    assert status_of(stack)["dead_letters"]


def test_tail_shows_events_with_personal_values_hidden(stack: StackProcess) -> None:
    event = orjson.loads(visits(20_000, 1))
    event["data"]["identifiers"]["email"] = "ann@example.org"
    stack.done("emit", given=orjson.dumps({**event, "type": "feedback.survey_answered"}))
    shown = stack.done("tail", "--family", "feedback", "--from-start", "--limit", "1").decode()
    assert "anonymous_id:visitor-20000 email:***" in shown


def test_query_formats(stack: StackProcess) -> None:
    assert stack.done("query", "--format", "csv", "SELECT 1 AS a, 'x' AS b;") == b'"a","b"\n1,"x"\n'
    assert orjson.loads(stack.done("query", "--format", "json", "SELECT 1 AS a, 'x' AS b")) == {"a": 1, "b": "x"}
    assert stack.done("query", "SELECT 1 AS a, 'x' AS b").split() == [b"a", b"b", b"1", b"x"]


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_reader_that_has_seen_enough_is_no_outage(stack: StackProcess, form: str) -> None:
    statement = "SELECT number, repeat('x', 50) FROM numbers(1000000)"
    command = [sys.executable, "-m", "pipeline.cli", "query", "--format", form, statement]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, env=stack.environment) as query:
        assert query.stdout is not None
        assert query.stderr is not None
        assert b"number" in query.stdout.readline()
        query.stdout.close()
        assert query.stderr.read() == b""
    assert query.returncode == 141


@pytest.mark.parametrize("statement", ["INSERT INTO touchpoints SELECT 1", "DROP TABLE touchpoints"])
def test_query_never_writes_and_says_what_it_does(stack: StackProcess, statement: str) -> None:
    result = stack.touchline("query", statement)
    assert result.returncode == 1
    assert result.stdout == b""
    error, remedy = result.stderr.splitlines()
    assert error.startswith(b"error: ")
    assert b"This only reads: SELECT" in remedy


def test_query_shows_where_a_statement_cannot_be_read(stack: StackProcess) -> None:
    result = stack.touchline("query", "SELEC 1")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.startswith(b"error: ")
    assert b"Syntax error: failed at position 7" in result.stderr


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT kind FROM frictions WHERE", b"error: Syntax error: the statement breaks off after 'WHERE'"),
        (
            "SELECT 'M\u00fcnchen', count(",
            b"error: Syntax error: Unmatched parentheses: '(' at position 25 (line 1, col 25)",
        ),
    ],
)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_query_tells_a_statement_that_breaks_off_in_its_own_words(
    stack: StackProcess, statement: str, said: bytes, form: str
) -> None:
    result = stack.touchline("query", "--format", form, statement)
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.startswith(said)
    assert b"Native" not in result.stderr
    assert b"missing at its end" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("statement", "remedy"),
    [("SELECT 1 SETTINGS max_threads = 1", b"Leave SETTINGS out"), ("SELECT 1 FORMAT CSV", b"Leave FORMAT out")],
)
def test_query_says_what_a_statement_must_do_without(stack: StackProcess, statement: str, remedy: bytes) -> None:
    result = stack.touchline("query", statement)
    assert result.returncode == 1
    assert remedy in result.stderr.splitlines()[-1]


def test_query_says_that_there_is_nothing(stack: StackProcess) -> None:
    result = stack.touchline("query", "SELECT 1 AS one WHERE 0;\n")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"no rows\n")


def test_topics_and_schema_are_in_order(stack: StackProcess) -> None:
    assert b"touchline.mail" in stack.done("topics", "--check")
    assert b"the schema is up to date" in stack.touchline("migrate").stderr
    stack.done("doctor")


def test_a_second_stack_on_the_data_directory_is_refused(stack: StackProcess) -> None:
    result = stack.touchline("up")
    assert result.returncode == 1
    assert b"is in use by another `touchline up`" in result.stderr


def test_a_second_stack_on_the_ports_is_refused(stack: StackProcess, tmp_path: Path) -> None:
    result = stack.touchline("up", "--data", str(tmp_path / "other"))
    assert result.returncode == 1
    assert b"is taken, but the embedded broker needs it" in result.stderr


def test_a_killed_worker_is_started_again(stack: StackProcess) -> None:
    (worker,) = stack.worker_process_ids()
    os.kill(worker, signal.SIGKILL)
    before = stored(stack)
    stack.done("emit", given=visits(30_000, 200))
    stack.done("settle")
    assert stored(stack) == before + 200
    assert "worker-0 ended by signal 9; starting it again" in stack.output()


def test_stopping_in_mid_stream_loses_nothing_and_a_start_finds_everything(tmp_path: Path) -> None:
    with StackProcess(tmp_path / "data", collector=True) as running:
        running.done("emit", given=visits(0, 5_000))
        assert running.stop() == 0
        assert "everything that was accepted is stored" in running.output()
        running.start()
        assert stored(running) == 5_000
        running.done("emit", given=visits(2_500, 5_000))
        running.done("settle")
        assert stored(running) == 7_500


def test_nothing_is_left_of_a_stack_that_is_killed(tmp_path: Path) -> None:
    with StackProcess(tmp_path / "data", collector=True) as running:
        parts = {process_id: command_line(process_id) for process_id in running.process_ids()}
        assert len(parts) == 6
        running.kill()
        eventually(lambda: not any(map(is_running, parts)))
        assert [command for process_id, command in parts.items() if is_running(process_id)] == []
