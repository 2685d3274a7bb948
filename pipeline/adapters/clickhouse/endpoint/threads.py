"""The bridge between the event loop and the engine's threads."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from pipeline.adapters.clickhouse.endpoint.engine import Engine
from pipeline.adapters.clickhouse.endpoint.errors import EngineError

KILL_SECONDS = 0.5
"""The interval at which an abandoned statement is killed again."""

logger = logging.getLogger("touchline.clickhouse")
Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


class EngineThreads:
    """The threads in which the engine is called."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="engine")
        # A thread of its own, so that statements can be killed while the pool is full.
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._closing: set[asyncio.Task[None]] = set()

    def lane(self) -> "Lane":
        """A lane for one request."""
        return Lane(self)

    def submit(self, call: Callable[[], Value]) -> "Future[Value]":
        """Start a call in a thread."""
        return self._pool.submit(call)

    async def kill(self, mark: str | None) -> None:
        """Kill the statements with this mark, or all; they have ended when the calls that run them return."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._control, self._engine.kill, mark)
        except EngineError as error:
            logger.warning("cannot end a statement: %s", error)

    async def finish(self, release: "asyncio.Task[None]") -> None:
        """Wait for a lane's release; it goes on if the caller is cancelled."""
        self._closing.add(release)
        release.add_done_callback(self._closing.discard)
        await asyncio.shield(release)

    async def shutdown(self) -> None:
        """End every statement that still runs, and the threads."""
        while self._closing:
            await self.kill(None)
            if closing := set(self._closing):  # the last may have ended meanwhile
                await asyncio.wait(closing, timeout=KILL_SECONDS)
        self._pool.shutdown()
        self._control.shutdown()


class Lane:
    """Calls on one session, one after another; the session is released only once the last has ended."""

    def __init__(self, threads: EngineThreads) -> None:
        self._threads = threads
        self._last: Future[Any] | None = None

    async def call(
        self, function: Callable[Arguments, Value], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Value:
        """Run a call in a thread. If the caller is cancelled, the call goes on until `release` ends it."""
        future = self._threads.submit(lambda: function(*arguments, **named))
        self._last = future
        return await asyncio.wrap_future(future)

    async def release(self, close: Callable[[], None], abandon: Callable[[], str | None]) -> None:
        """Run `close` once the last call has ended; if `abandon` gives a mark, that call is killed, else awaited."""
        await self._threads.finish(asyncio.create_task(self._release(close, abandon)))

    async def _release(self, close: Callable[[], None], abandon: Callable[[], str | None]) -> None:
        while self._last is not None and not self._last.done():
            if (mark := abandon()) is not None:
                await self._threads.kill(mark)
            await asyncio.wait((_ending(self._last),), timeout=KILL_SECONDS)
        await asyncio.wrap_future(self._threads.submit(close))


def _ending(call: "Future[object]") -> "asyncio.Future[object]":
    """The end of a call whose result is not needed."""
    ending = asyncio.wrap_future(call)
    ending.add_done_callback(lambda done: done.cancelled() or done.exception())
    return ending
