"""A supervised child process: started, awaited until it is ready, and restarted with growing pauses when it dies."""

import asyncio
from collections.abc import Awaitable, Callable

from pipeline.adapters.stack.child import Child
from pipeline.adapters.stack.notice import Level, Notice, Report
from pipeline.adapters.stack.waiting import ended, told

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
"""After a child has run for this long, its next restart waits only the first pause again."""
PROBE_SECONDS = 0.1

Probe = Callable[[], Awaitable[bool]]
"""Whether a child is ready."""


class StartError(Exception):
    """A part of the stack did not become ready; says what it wrote last and where the log is."""

    def __init__(self, child: Child, what: str) -> None:
        words = "\n".join(f"    {line}" for line in child.last_words())
        wrote = f"It wrote:\n{words}\n" if words else ""
        super().__init__(f"{child.name} {what}. {wrote}Its log: {child.log.path}")


class KeptChild:
    """A child with its readiness probe and the task that restarts it."""

    def __init__(
        self,
        child: Child,
        probe: Probe,
        report: Report,
        ready_seconds: float,
        recover: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.child = child
        self.restarts = 0
        self._probe = probe
        self._report = report
        self._ready_seconds = ready_seconds
        self._recover = recover
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it, wait until it is ready, and restart it from then on when it dies.

        Raises:
            StartError: It ended, or was not ready in time.
        """
        await self._begin()
        await self._until_ready()
        self._keep_from_now_on()

    async def start_patiently(self) -> None:
        """Start it and keep it running; a failure to start or to become ready is reported, and it is tried again."""
        try:
            await self._begin()
        except StartError as error:
            self._report(Notice(Level.ERROR, str(error)))
            self._keep_from_now_on()
            return
        self._keep_from_now_on()
        try:
            await self._until_ready()
        except StartError as error:
            self._report(Notice(Level.ERROR, str(error)))

    async def stop(self, grace_seconds: float) -> None:
        """Stop it for good. Reports if that takes long, and if it had to be killed after the grace period."""
        await self._let_go()
        name = f"{self.child.name} (process {self.child.pid})"
        async with told(self._report, lambda: f"waiting for {name} to end; it may take {grace_seconds:g} s"):
            in_time = await self.child.stop(grace_seconds)
        if not in_time:
            self._report(Notice(Level.WARNING, f"{name} did not end within {grace_seconds:g} s and was killed"))

    async def kill(self) -> None:
        """Kill it for good."""
        await self._let_go()
        await self.child.kill()

    async def _let_go(self) -> None:
        if self._keeping is not None and self._keeping is not asyncio.current_task():
            await ended(self._keeping)
        self._keeping = None

    async def _begin(self) -> None:
        try:
            await self.child.start()
        except OSError as error:  # the system is out of memory, processes or open files
            raise StartError(self.child, f"could not be started: {error}") from error

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._ready_seconds
        while not await self._probe():
            if not self.child.running:
                await self.child.wait()
                raise StartError(self.child, f"ended {ending(self.child.exit_status)} before it was ready")
            if loop.time() > deadline:
                await self.child.kill()
                raise StartError(self.child, f"was not ready after {self._ready_seconds:g} s")
            await asyncio.sleep(PROBE_SECONDS)

    def _keep_from_now_on(self) -> None:
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {self.child.name}")

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_SECONDS
        while True:
            started = loop.time()
            await self.child.wait()
            if loop.time() - started > HEALTHY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._say_it_died(pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            await self._restart()

    async def _restart(self) -> None:
        self.restarts += 1
        try:
            await self._begin()
            await self._until_ready()
            if self._recover is not None:
                await self._recover()
        except StartError as error:
            await self._try_again(error)
        except Exception as error:  # whatever it is: nothing else would restart the child
            what = f"could not be started again: {type(error).__name__}: {error}"
            await self._try_again(StartError(self.child, what))
        else:
            self._report(Notice(Level.INFO, f"{self.child.name} runs again (process {self.child.pid})"))

    async def _try_again(self, error: StartError) -> None:
        self._report(Notice(Level.ERROR, str(error)))
        await self.child.kill()

    def _say_it_died(self, pause: float) -> None:
        words = "".join(f"\n    {line}" for line in self.child.last_words(3))
        text = f"{self.child.name} ended {ending(self.child.exit_status)}; starting it again in {pause:g} s{words}"
        self._report(Notice(Level.WARNING, text))


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "without a status"
    return f"by signal {-status}" if status < 0 else f"with status {status}"
