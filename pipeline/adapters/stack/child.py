"""A child process: started on a leash, its output logged, stopped gracefully or killed."""

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
LAST_WORDS_SECONDS = 1.0
"""How long to wait for the output of a process that has ended: its own children may hold it open for ever."""


class Child:
    """One process of the stack. It is in a session of its own, so Ctrl-C in the terminal does not reach it."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = LogFile(log)
        self._command = list(command)
        self._environment = dict(environment)
        self._process: asyncio.SubprocessTransport | None = None
        self._output = _Output(self.log)

    @property
    def pid(self) -> int | None:
        """Its process id; None if it does not run."""
        return self._process.get_pid() if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.get_returncode() is None

    @property
    def exit_status(self) -> int | None:
        """Its exit status, negative for a signal; None if it runs or was never started."""
        return None if self._process is None else self._process.get_returncode()

    async def start(self) -> None:
        """Start it. Must be called on the main thread: the leash is tied to the thread that starts it."""
        self._process, self._output = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Output(self.log),
            *(sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self._command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    async def wait(self) -> int | None:
        """Wait for its end; returns the exit status, None if it was never started."""
        if self._process is None:
            return None
        process, output = self._process, self._output
        await output.exited.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await output.read.wait()
        process.close()
        return process.get_returncode()

    async def stop(self, grace_seconds: float) -> bool:
        """Send SIGTERM, and SIGKILL after the grace period. Returns whether it ended within that period."""
        if not self.running:
            return True
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await self.wait()
        except TimeoutError:
            await self.kill()
            return False
        return True

    async def kill(self) -> None:
        """Send SIGKILL and wait for its end."""
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


class _Output(asyncio.SubprocessProtocol):
    """Logs what a process writes, line by line, and tells when it ends.

    asyncio's own streams report the end of a process only after its output has ended, too.
    """

    def __init__(self, log: LogFile) -> None:
        self.exited = asyncio.Event()
        """Set when the process has ended."""
        self.read = asyncio.Event()
        """Set when its output has ended."""
        self._log = log
        self._begun = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            self._log.write(line + b"\n")
        if len(self._begun) > LINE_LIMIT:
            self._log.write(self._begun + b"\n")
            self._begun = b""

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if self._begun:
            self._log.write(self._begun + b"\n")
        self.read.set()

    def process_exited(self) -> None:
        self.exited.set()


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 if it cannot be determined."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return _resident_bytes_by_ps(pid)
    return pages * os.sysconf("SC_PAGE_SIZE")


def _resident_bytes_by_ps(pid: int) -> int:
    """The same on systems without /proc."""
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout.strip() or 0) * 1024
