"""Worker processes, started again when they end, as a supervisor would."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from tests.waiting import eventually

RESTART_SECONDS: Final = 1.0
POLL_SECONDS: Final = 0.1
READY_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0
STOPPED: Final = (0, -signal.SIGTERM)
"""Exit statuses of workers that were told to stop; the second one, if they had no signal handler yet."""
TAKEN: Final = "stitching partitions "
"""What a worker logs when partitions are assigned to it."""


class WorkerProcess:
    """One worker. Its keeper restarts it one second after it ended, unless it was told to stay down."""

    def __init__(self, index: int, environment: Mapping[str, str], log: Path, prefix: Sequence[str] = ()) -> None:
        """`prefix`: a command that runs the worker, such as one that enters a network namespace."""
        self.index = index
        self.log = log
        self.starts = 0
        self.ends: list[int] = []
        """Exit statuses after which it was started again."""
        self._port = int(environment["TOUCHLINE_WEB_PORT"]) + index
        self._environment = dict(environment)
        self._command = [*prefix, sys.executable, "-m", "agents", "worker", "--index", str(index)]
        self._prefix = list(prefix)
        self._process: subprocess.Popen[bytes] | None = None
        self._resting = threading.Event()
        self._changing = threading.RLock()

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self.running_id is not None

    @property
    def kept(self) -> bool:
        """Whether it is started again when it ends."""
        return not self._resting.is_set()

    @property
    def running_id(self) -> int | None:
        """Process id; None if it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start it, and restart it from then on whenever it ends."""
        self._resting.clear()
        self._start()
        threading.Thread(target=self._keep, daemon=True, name=f"keeper of worker {self.index}").start()

    def kill(self) -> None:
        """SIGKILL as soon as it runs, and check that it ended of that; its keeper starts it again."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with self._changing:
                if self.running:
                    assert self._process is not None
                    self._process.kill()
                    assert self._process.wait(STOP_SECONDS) == -signal.SIGKILL, f"worker {self.index} had ended before"
                    return
            assert time.monotonic() < deadline, f"worker {self.index} does not run, so it cannot be killed"
            time.sleep(POLL_SECONDS)

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the process, if it runs."""
        with self._changing:
            if self.running:
                assert self._process is not None
                self._process.send_signal(number)

    @property
    def took_over(self) -> int:
        """How often it has taken partitions over, by its log."""
        return self.log.read_text(errors="replace").count(TAKEN) if self.log.exists() else 0

    def stop(self) -> int:
        """SIGTERM; it stays down. Returns the exit status."""
        self._resting.set()
        self.send_signal(signal.SIGTERM)
        return self._wait(STOP_SECONDS)

    def end(self) -> None:
        """SIGKILL; it stays down."""
        self._resting.set()
        self.send_signal(signal.SIGKILL)
        if self._process is not None:
            self._wait(STOP_SECONDS)

    def is_ready(self) -> bool:
        """Whether it reports that it takes mail."""
        if self._prefix:
            probe = "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)"
            command = [*self._prefix, sys.executable, "-c", probe, f"{self.url}/readyz"]
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        with suppress(OSError), urlopen(f"{self.url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def wait_until_ready(self) -> None:
        """Wait until it takes mail."""
        ready = eventually(self.is_ready, READY_SECONDS, POLL_SECONDS)
        assert ready, f"worker {self.index} is not ready:\n{self.log.read_text()[-2000:]}"

    @property
    def url(self) -> str:
        """The base URL of its web pages; within its network namespace, if it has one."""
        return f"http://127.0.0.1:{self._port}"

    def _start(self) -> None:
        with self._changing, self.log.open("ab") as log:
            self.starts += 1
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _keep(self) -> None:
        while not self._resting.wait(POLL_SECONDS):
            if not self.running and not self._resting.wait(RESTART_SECONDS):
                assert self._process is not None
                self.ends.append(self._process.returncode)
                self._start()

    def _wait(self, seconds: float) -> int:
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        finally:
            self._process.kill()
            self._process.wait()
