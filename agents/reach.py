"""Whether ClickHouse answers, asked at an interval."""

import asyncio
from collections.abc import Callable
from typing import Final

import faust

INTERVAL_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 5.0


class Reach:
    """The result of the last question. Only one is open at a time: a server that hangs is not asked again and again."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        """`ask`: whether the server answers; blocks, and does not raise."""
        self.answers = True
        self._ask = ask
        self._asking: asyncio.Future[bool] | None = None

    async def look(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Ask, or keep waiting for the answer to the previous question; returns `answers`."""
        if self._asking is None:
            self._asking = asyncio.ensure_future(asyncio.to_thread(self._ask))
        done, _ = await asyncio.wait({self._asking}, timeout=seconds)
        self.answers = bool(done) and self._asking.result()
        if done:
            self._asking = None
        return self.answers


def register(app: faust.App, reach: Reach) -> None:
    """Ask at an interval."""

    async def watch() -> None:
        while not app.should_stop:
            await reach.look()
            await app.sleep(INTERVAL_SECONDS)

    app.task(watch)
