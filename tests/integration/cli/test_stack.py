"""The stack as a user runs it, and the commands beside it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.integration.cli.running import RunningStack, is_running

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with RunningStack(tmp_path_factory.mktemp("stack") / "data") as running:
        yield running


def visits(first: int, count: int) -> bytes:
    """NDJSON of page views, each by a visitor of its own."""
    return b"\n".join(
        orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"view-{number}",
                "source": "/shop",
                "type": "web.page_viewed",
                "time": "2026-03-01T10:00:00Z",
                "data": {"identifiers": {"anonymous_id": f"visitor-{number}"}, "url": "/"},
            }
        )
        for number in range(first, first + count)
    )


def test_what_is_emitted_and_settled_can_be_queried(stack: RunningStack) -> None:
    before = stack.count("touchpoints")
    result = stack.run("emit", "-", given=visits(0, 500))
    assert (result.returncode, result.stdout) == (0, b"")
    assert b"500 accepted, 0 failed" in result.stderr
    stack.done("settle")
    assert stack.count("touchpoints") == before + 500
    assert stack.rows("SELECT count() AS n FROM journeys WHERE customer = 'anonymous_id:visitor-7'") == [{"n": 1}]


def test_lines_that_cannot_be_sent_are_named(stack: RunningStack) -> None:
    result = stack.run("emit", given=b'{"type": "web.x", "id": "1"}\n\n{"type": "nope.x"}\nnot json\n')
    assert result.returncode == 1
    said = result.stderr.decode()
    assert "1 accepted, 2 failed" in said
    assert "line 3: no topic for the type 'nope.x'" in said
    assert "line 4: not JSON" in said


def test_status_is_data_for_machines(stack: RunningStack) -> None:
    stack.done("emit", given=visits(10_000, 10))
    stack.done("settle")
    status = orjson.loads(stack.done("status", "--json"))
    assert status["healthy"] is True
    assert [worker["reachable"] for worker in status["workers"]] == [True]
    assert {lag["topic"] for lag in status["lag"]} >= {"touchpoints.web", "touchline.mail"}
    assert "web" in {source["source"] for source in status["sources"]}
    assert status["oldest_unprocessed"] is None


def test_a_rejection_shows_in_tail_and_status(stack: RunningStack) -> None:
    stack.done("emit", given=b'{"specversion": "1.0", "type": "web.page_vewed", "id": "1", "source": "/x"}')
    stack.done("settle")
    lines = stack.done("tail", "--rejected", "--from-start", "--limit", "1", "--json").splitlines()
    assert len(lines) == 1
    assert orjson.loads(stack.done("status", "--json"))["dead_letters"]


def test_tail_shows_events_with_personal_values_hidden(stack: RunningStack) -> None:
    event = orjson.loads(visits(20_000, 1))
    event["data"]["identifiers"]["email"] = "ann@example.org"
    stack.done("emit", given=orjson.dumps({**event, "type": "feedback.survey_answered"}))
    shown = stack.done("tail", "--family", "feedback", "--from-start", "--limit", "1").decode()
    assert "anonymous_id:visitor-20000 email:***" in shown


def test_query_formats(stack: RunningStack) -> None:
    assert stack.done("query", "--format", "csv", "SELECT 1 AS a, 'x' AS b;") == b'"a","b"\n1,"x"\n'
    assert orjson.loads(stack.done("query", "--format", "json", "SELECT 1 AS a, 'x' AS b")) == {"a": 1, "b": "x"}
    assert stack.done("query", "SELECT 1 AS a, 'x' AS b").split() == [b"a", b"b", b"1", b"x"]


@pytest.mark.parametrize("statement", ["INSERT INTO touchpoints SELECT 1", "DROP TABLE touchpoints", "SELEC 1"])
def test_query_never_writes_and_errors_are_one_line(stack: RunningStack, statement: str) -> None:
    result = stack.run("query", statement)
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.startswith(b"error: ")
    assert b"Traceback" not in result.stderr


def test_topics_and_schema_are_in_order(stack: RunningStack) -> None:
    assert b"touchline.mail" in stack.run("topics", "--check").stderr
    stack.done("topics", "--check")
    assert b"the schema is up to date" in stack.run("migrate").stderr
    stack.done("doctor")


def test_a_second_stack_on_the_data_directory_is_refused(stack: RunningStack) -> None:
    result = stack.run("up")
    assert result.returncode == 1
    assert b"is in use by another `touchline up`" in result.stderr


def test_a_second_stack_on_the_ports_is_refused(stack: RunningStack, tmp_path: Path) -> None:
    result = stack.run("up", "--data", str(tmp_path / "other"))
    assert result.returncode == 1
    assert b"is taken, and the embedded broker wants it" in result.stderr


def test_a_killed_worker_is_started_again(stack: RunningStack) -> None:
    (worker,) = (pid for pid, command in stack.part_process_ids().items() if "agents worker" in command)
    os.kill(worker, signal.SIGKILL)
    before = stack.count("touchpoints")
    stack.done("emit", given=visits(30_000, 200))
    stack.done("settle")
    assert stack.count("touchpoints") == before + 200
    assert "worker-0 ended by signal 9; starting it again" in stack.said


def test_stopping_in_mid_stream_loses_nothing_and_a_start_finds_everything(tmp_path: Path) -> None:
    running = RunningStack(tmp_path / "data")
    with running:
        running.done("emit", given=visits(0, 5_000))
        assert running.stop() == 0
        assert "everything that was accepted is stored" in running.said
        running.start()
        assert running.count("touchpoints") == 5_000
        running.done("emit", given=visits(2_500, 5_000))
        running.done("settle")
        assert running.count("touchpoints") == 7_500


def test_nothing_is_left_of_a_stack_that_is_killed(tmp_path: Path) -> None:
    running = RunningStack(tmp_path / "data")
    with running:
        parts = running.part_process_ids()
        assert len(parts) == 5
        running.signal(signal.SIGKILL)
        running.wait()
        deadline = time.monotonic() + 10
        while any(is_running(pid) for pid in parts) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [command for pid, command in parts.items() if is_running(pid)] == []
