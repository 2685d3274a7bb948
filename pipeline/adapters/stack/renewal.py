"""Renewing the embedded broker, which keeps everything it was ever sent in memory.

A fresh broker takes the old one's place behind the gate at once, so producers notice only a closed connection. The
workers drain the old broker, then move. Nothing is lost: the old one ends only when everything it accepted is stored.
Mail stays in order: none of the new broker's is handled before the last of the old one's.
"""

import asyncio

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.stack.broker import BrokerProcess, EmbeddedBroker
from pipeline.adapters.stack.draining import drain
from pipeline.adapters.stack.kept import StartError
from pipeline.adapters.stack.notice import Level, Notice, Report
from pipeline.adapters.stack.waiting import ended, told
from pipeline.adapters.stack.workers import Workers
from pipeline.settings.model import Settings

CHECK_SECONDS = 2.0
DRAIN_SECONDS = 60.0
"""After this long, what lags is reported, and draining goes on."""
STOP_SECONDS = 2.0
UNDRAINED = "an older broker process is not drained yet"


class RenewedBroker:
    """The embedded broker of a running stack, kept below its memory bound."""

    def __init__(self, embedded: EmbeddedBroker, workers: Workers, settings: Settings, report: Report) -> None:
        self._embedded = embedded
        self._workers = workers
        self._settings = settings
        self._report = report
        self._current: BrokerProcess | None = None
        self._retiring: BrokerProcess | None = None
        self._watching: asyncio.Task[None] | None = None
        self._renewing = asyncio.Lock()
        self._closing = False

    async def start(self) -> str:
        """Start the first broker process; returns its private address. The gate stays shut.

        Raises:
            StartError: It did not get ready.
        """
        self._current = await self._embedded.new_process(self._lost_everything, self._recovered)
        return self._current.server

    async def open(self) -> None:
        """Open the gate to producers, and watch the broker's memory from now on."""
        await self._embedded.open_gate(self._process)
        self._watching = asyncio.create_task(self._watch(), name="watch the broker's memory")

    async def close(self, timeout_seconds: float) -> str:
        """Shut the gate and drain what was accepted; returns an empty text, or what could not be drained."""
        self._closing = True
        await self._embedded.shut_gate()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        try:
            async with (
                told(self._report, lambda: "waiting for the embedded broker's renewal to end"),
                asyncio.timeout_at(deadline),
            ):
                await self._renewing.acquire()  # a renewal that is under way is finished first
        except TimeoutError:
            await self._end_watch()
            return UNDRAINED
        try:
            await self._end_watch()
            await self._embedded.shut_gate()  # the renewal may have been opening it meanwhile
            if self._retiring is not None and not await self._replaced(self._retiring, deadline):
                return UNDRAINED
            return await self._drain_to_the_end(deadline - loop.time())
        finally:
            self._renewing.release()

    async def stop(self) -> None:
        """Stop the gate and the broker processes, drained or not."""
        await self._end_watch()
        await self._embedded.shut_gate()
        for process in (self._retiring, self._current):
            if process is not None:
                await process.kept.stop(STOP_SECONDS)

    async def kill(self) -> None:
        """Kill the gate and the broker processes."""
        await self._end_watch()
        await self._embedded.kill_gate()
        for process in (self._retiring, self._current):
            if process is not None:
                await process.kept.kill()

    async def renew(self) -> None:
        """Replace the current broker with a fresh one, or go on with a renewal that failed half way."""
        async with self._renewing:
            if self._retiring is None:
                old = self._process
                self._say(Level.INFO, f"renewing the embedded broker: it holds {old.resident_mebibytes:.0f} MiB")
                fresh = await self._embedded.new_process(self._lost_everything, self._recovered)
                self._retiring, self._current = old, fresh
            await self._replace(self._retiring, self._process)

    async def _replace(self, old: BrokerProcess, fresh: BrokerProcess) -> None:
        await self._open_gate()
        await self._drain_retiring(old)
        await self._workers.move(fresh.server)
        self._retiring = None
        await old.kept.stop(STOP_SECONDS)
        self._say(Level.INFO, f"the embedded broker is renewed: it holds {fresh.resident_mebibytes:.0f} MiB")

    async def _replaced(self, old: BrokerProcess, deadline: float) -> bool:
        """While closing, go on with a renewal that failed half way; returns whether it ended by the deadline."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._replace(old, self._process)
        except TimeoutError:
            return False
        except (OSError, StartError, BrokerUnavailableError) as error:
            self._say(Level.ERROR, f"the embedded broker could not be renewed: {error}")
            return False
        return True

    @property
    def _process(self) -> BrokerProcess:
        assert self._current is not None, "start() comes first"
        return self._current

    async def _watch(self) -> None:
        bound = self._settings.embedded.broker_memory_mib
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if self._retiring is not None or self._process.resident_mebibytes > bound:
                    await self.renew()
            except (StartError, BrokerUnavailableError) as error:
                self._say(Level.ERROR, f"the embedded broker could not be renewed: {error}")
            except Exception as error:  # whatever it is: nothing else bounds the broker's memory
                self._say(Level.ERROR, f"the embedded broker could not be renewed: {type(error).__name__}: {error}")

    async def _drain_retiring(self, old: BrokerProcess) -> None:
        """Drain the old broker for as long as it takes; if the fresh one fills up meanwhile, shut the gate."""
        holding_back = asyncio.create_task(self._hold_back_when_full())
        try:
            while old.kept.restarts == 0:
                left = await drain(old.server, self._settings.group, DRAIN_SECONDS, self._report)
                if not left:
                    break
                self._say(Level.WARNING, f"the old broker is still being drained: {left}")
        finally:
            await ended(holding_back)
        if not self._embedded.gate_is_open:
            await self._open_gate()

    async def _drain_to_the_end(self, seconds: float) -> str:
        """Drain the current broker; one that dies meanwhile is restarted empty, and then has nothing to drain."""
        kept = self._process.kept
        restarts = kept.restarts
        left = await drain(self._process.server, self._settings.group, seconds, self._report)
        return left or ("" if kept.restarts == restarts else "the broker died with what was not stored yet")

    async def _open_gate(self) -> None:
        if not self._closing:
            await self._embedded.open_gate(self._process, patiently=True)
        if self._closing:  # while it was being opened
            await self._embedded.shut_gate()

    async def _hold_back_when_full(self) -> None:
        bound = self._settings.embedded.broker_memory_mib
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self._process.resident_mebibytes > bound:
                break
        self._say(Level.WARNING, "producers have to wait: the workers are too far behind for the broker's memory")
        await self._embedded.shut_gate()

    async def _lost_everything(self) -> None:
        """A broker process died and was restarted, empty.

        Offsets of the dead process mean nothing to it: workers that commit theirs would skip as many records.
        """
        self._say(Level.ERROR, "the embedded broker died: what it had accepted and was not stored yet is lost")
        if not self._renewing.locked():  # the workers may be on the other broker; a renewal moves them anyway
            await self._workers.kill()

    async def _recovered(self) -> None:
        await self._embedded.reopen_gate(self._process)
        if not self._renewing.locked():
            await self._workers.move(self._process.server)

    async def _end_watch(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None and watching is not asyncio.current_task():
            await ended(watching)

    def _say(self, level: Level, text: str) -> None:
        self._report(Notice(level, text))
