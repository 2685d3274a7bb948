"""A child process: started on a leash, its output logged, stopped gracefully or at once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.stack.logfile import LogFile

LEASH = Path(__file__).with_name("leash.py")
LINE_LIMIT = 256 * 1024
"""A line longer than this is cut into pieces."""


class Child:
    """One process of the stack. It is in a session of its own, so Ctrl-C in the terminal does not reach it."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = LogFile(log)
        self._command = list(command)
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None if it does not run."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_status(self) -> int | None:
        """Its exit status, negative for a signal; None if it runs or was never started."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start it. Must be called on the main thread: the leash is tied to the thread that starts it."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self._command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            limit=LINE_LIMIT,
        )
        self._reading = asyncio.create_task(self._read_output(self._process))

    async def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        assert self._process is not None
        status = await self._process.wait()
        if self._reading is not None:
            await asyncio.shield(self._reading)  # giving up this wait must not stop the reading
        return status

    async def stop(self, grace_seconds: float) -> None:
        """Ask it to end; after the grace, end it."""
        if not self.running:
            return
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        if self.running:
            self.signal(signal.SIGKILL)
            await self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None and self.running:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def last_words(self, lines: int = 5) -> list[str]:
        """The last lines it wrote."""
        return list(self.log.last_lines)[-lines:]

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than the limit; the reader has dropped it
                line = b"(a line too long to show)\n"
            if not line:
                return
            self.log.write(line)


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 if it cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return _resident_bytes_by_ps(pid)
    return pages * os.sysconf("SC_PAGE_SIZE")


def _resident_bytes_by_ps(pid: int) -> int:
    """The same on systems without /proc."""
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout.strip() or 0) * 1024
