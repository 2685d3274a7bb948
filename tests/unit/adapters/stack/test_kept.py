"""Keeping a part whose start fails."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from pipeline.adapters.stack import kept
from pipeline.adapters.stack.child import Child
from pipeline.adapters.stack.kept import KeptChild, StartError
from pipeline.adapters.stack.logfile import LogFile
from pipeline.adapters.stack.notice import Level, Notice


class Starved:
    """A child that the system has no process for at some of its starts; it dies when it is told to."""

    name = "part"
    pid = 1
    exit_status = -9

    def __init__(self, log: Path, *starts: bool) -> None:
        self.log = LogFile(log)
        self.running = False
        self.runs = asyncio.Event()
        self._starts = iter(starts)
        self._died = asyncio.Event()
        self._died.set()

    async def start(self) -> None:
        if not next(self._starts):
            raise BlockingIOError("Resource temporarily unavailable")
        self.running = True
        self.runs.set()
        self._died.clear()

    async def wait(self) -> int:
        await self._died.wait()
        return self.exit_status

    async def kill(self) -> None:
        self.running = False
        self.runs.clear()
        self._died.set()

    def last_words(self, lines: int = 5) -> list[str]:
        return []


async def ready() -> bool:
    return True


async def test_a_part_that_could_not_be_started_again_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FIRST_PAUSE_SECONDS", 0.001)
    told: list[Notice] = []
    child = Starved(tmp_path / "part.log", True, False, True)
    part = KeptChild(cast(Child, child), ready, told.append, 1)
    await part.start()
    await child.kill()
    await asyncio.wait_for(child.runs.wait(), 5)
    await part.kill()
    assert [notice.level for notice in told][:3] == [Level.WARNING, Level.ERROR, Level.WARNING]
    assert told[1].text.startswith("part could not be started: Resource temporarily unavailable")


async def test_a_part_that_cannot_be_started_at_all_says_so(tmp_path: Path) -> None:
    part = KeptChild(cast(Child, Starved(tmp_path / "part.log", False)), ready, lambda notice: None, 1)
    with pytest.raises(StartError, match="part could not be started"):
        await part.start()


async def test_a_part_that_is_to_be_started_patiently_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FIRST_PAUSE_SECONDS", 0.001)
    told: list[Notice] = []
    child = Starved(tmp_path / "part.log", False, True)
    part = KeptChild(cast(Child, child), ready, told.append, 1)
    await part.start_patiently()
    await asyncio.wait_for(child.runs.wait(), 5)
    await part.kill()
    assert told[0].level is Level.ERROR
    assert told[0].text.startswith("part could not be started: Resource temporarily unavailable")


async def test_a_part_that_does_not_recover_is_tried_again_whatever_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FIRST_PAUSE_SECONDS", 0.001)
    told: list[Notice] = []
    recovered = asyncio.Event()
    failures = [RuntimeError("can't start new thread")]

    async def recover() -> None:
        if failures:
            raise failures.pop()
        recovered.set()

    child = Starved(tmp_path / "part.log", True, True, True)
    part = KeptChild(cast(Child, child), ready, told.append, 1, recover)
    await part.start()
    await child.kill()
    await asyncio.wait_for(recovered.wait(), 5)
    await part.kill()
    assert told[1].text.startswith("part could not be started again: RuntimeError: can't start new thread")


def test_what_a_child_wrote_last_stands_on_lines_of_its_own(tmp_path: Path) -> None:
    child = Child("part", ["true"], {}, tmp_path / "part.log")
    assert str(StartError(child, "ended")) == f"part ended. Its log: {tmp_path}/part.log"
    child.log.write(b"no room\n")
    assert str(StartError(child, "ended")) == f"part ended. It wrote:\n    no room\nIts log: {tmp_path}/part.log"


async def test_a_child_that_was_never_started_has_no_end_to_wait_for(tmp_path: Path) -> None:
    child = Child("part", ["true"], {}, tmp_path / "part.log")
    assert await asyncio.wait_for(child.wait(), 5) is None
