"""The end of a stack: what the first and the second request do, and what is said."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from pipeline.adapters.stack import run
from pipeline.adapters.stack.notice import Notice
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.run import run_stack
from pipeline.adapters.stack.state import StackState
from pipeline.settings.model import Settings

STATE = StackState(
    pid=1, broker="", clickhouse="", metrics=(), embedded_broker=True, embedded_clickhouse=True, started_at=0
)


class FakeStack:
    """A stack without processes, whose start and stop take as long as the test says."""

    start_seconds = 0.0
    stop_seconds = 0.0
    left = ""
    drained = False

    def __init__(self, plan: StackPlan) -> None:
        self.plan = plan
        self.ready = False
        self.calls: list[str] = []

    async def start(self) -> StackState:
        self.calls.append("start")
        await asyncio.sleep(self.start_seconds)
        self.ready = True
        return STATE

    async def stop(self, drain_seconds: float) -> str:
        self.calls.append(f"stop {drain_seconds:g}")
        await asyncio.sleep(self.stop_seconds)
        return self.left

    async def kill(self) -> None:
        self.calls.append("kill")


class Running:
    """A run of such a stack."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch) -> None:
        self.plan = StackPlan(settings=Settings(), data=data, config=None, secret_file=None, environment={})
        self.stack = FakeStack(self.plan)
        self.said: list[Notice] = []
        self.limits: list[float] = []
        patch.setattr(run, "Stack", lambda plan, report: self.stack)
        patch.setattr(run, "end_within", self.limits.append)

    def begin(self) -> asyncio.Task[bool]:
        return asyncio.create_task(run_stack(self.plan, self.said.append))

    @property
    def texts(self) -> list[str]:
        return [notice.text for notice in self.said]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(tmp_path / "data", monkeypatch)


async def interrupt() -> None:
    """Ctrl-C, when what was begun has got so far."""
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(0.05)


async def test_a_request_ends_it_in_order_and_within_a_bound(running: Running) -> None:
    ending = running.begin()
    await interrupt()
    assert await ending is True
    assert running.stack.calls == ["start", "stop 60"]
    assert running.texts == ["stopping; Ctrl-C once more stops at once"]
    assert running.limits == [60 + run.PARTS_SECONDS]


async def test_what_could_not_be_stored_is_said(running: Running) -> None:
    running.stack.left = "not settled within 60 s"
    ending = running.begin()
    await interrupt()
    assert await ending is False
    assert running.texts[-1] == "not everything that was accepted could be stored: not settled within 60 s"


@pytest.mark.parametrize("drained", [False, True])
async def test_a_second_request_ends_it_at_once_and_tells_whether_something_is_lost(
    running: Running, drained: bool
) -> None:
    running.stack.stop_seconds, running.stack.drained = 60, drained
    ending = running.begin()
    await interrupt()
    await interrupt()
    async with asyncio.timeout(5):
        assert await ending is drained
    assert running.stack.calls == ["start", "stop 60", "kill"]
    assert running.texts[-1] == "stopping at once"
    assert running.limits[-1] == run.AT_ONCE_SECONDS


async def test_a_request_while_it_starts_ends_it_at_once(running: Running) -> None:
    running.stack.start_seconds = 60
    ending = running.begin()
    await interrupt()
    async with asyncio.timeout(5):
        assert await ending is True
    assert running.stack.calls == ["start", "kill"]


async def test_a_stop_that_fails_leaves_no_part_behind(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(drain_seconds: float) -> str:
        raise OSError("no more files")

    monkeypatch.setattr(running.stack, "stop", fails)
    ending = running.begin()
    await interrupt()
    with pytest.raises(OSError, match="no more files"):
        await ending
    assert running.stack.calls == ["start", "kill"]
