"""Starting workers together."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from pipeline.adapters.stack.kept import KeptChild
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.workers import Workers
from pipeline.settings.model import Settings

PLAN = StackPlan(settings=Settings(workers=2), data=Path("/data"), config=None, secret_file=None, environment={})


class Part:
    """A worker that fails to start, or takes for ever."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.starting = False

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self.index == 0:
            raise RuntimeError("no room")
        self.starting = True
        try:
            await asyncio.sleep(60)
        finally:
            self.starting = False


async def test_no_worker_goes_on_starting_when_another_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [Part(0), Part(1)]
    monkeypatch.setattr(Workers, "_worker", lambda self, index, broker: cast(KeptChild, parts[index]))
    with pytest.raises(RuntimeError, match="no room"):
        await Workers(PLAN, lambda notice: None).start("127.0.0.1:1")
    await asyncio.sleep(0)
    assert not parts[1].starting
