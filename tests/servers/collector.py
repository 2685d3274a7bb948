"""A collector in a process of its own, for tests."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.adapters.stack.ports import free_port
from tests.servers.http import Answer, ask, post_json
from tests.servers.processes import environment

START_SECONDS = 60.0
STOP_SECONDS = 60.0


class CollectorProcess:
    """`python -m agents.collector` on a free port."""

    def __init__(self, log: Path, broker: str, **settings: str) -> None:
        """Prepare.

        Args:
            log: The file for its output.
            broker: The setting `broker`.
            settings: Further TOUCHLINE_* variables, by name without the prefix.
        """
        self.log = log
        self.port = free_port()
        self._environment = environment({"BROKER": broker, "COLLECTOR__PORT": str(self.port), **settings})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, page: str = "/readyz") -> None:
        """Start, and wait until a page answers 200."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "agents.collector"]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        self.wait_until(page, START_SECONDS)

    def wait_until(self, page: str, seconds: float) -> None:
        """Wait until a page answers 200."""
        deadline = time.monotonic() + seconds
        while not self._is_well(page):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{page} did not get well:\n{self.said}")
            time.sleep(0.05)

    @property
    def said(self) -> str:
        """What it has logged."""
        return self.log.read_text(errors="replace")

    @property
    def process_id(self) -> int:
        """Process id of the running collector."""
        assert self._process is not None
        return self._process.pid

    def post(self, content: object, path: str = "/v1/events") -> Answer:
        """Post JSON."""
        return post_json(self.port, path, content)

    def ask_to_stop(self) -> None:
        """Send SIGTERM; `wait` waits for the end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        assert self._process is not None
        status = self._process.wait(STOP_SECONDS)
        self._process = None
        return status

    def _is_well(self, page: str) -> bool:
        try:
            return ask(self.port, page, method="GET", seconds=5).status == 200
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
