"""A ClickHouse endpoint in a process of its own, for tests."""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect

START_SECONDS = 30.0


class ClickHouseProcess:
    """Starts the endpoint over a data directory on a free port, which it keeps over restarts."""

    def __init__(self, data_dir: Path, *arguments: str, host: str = "127.0.0.1", password: str = "") -> None:
        """Prepare; `password`: of both users, which the endpoint requires where others can reach it."""
        self.data_dir = data_dir
        self.host = host
        self.password = password
        self.port = 0
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the full-rights user, without a database."""
        return f"http://default:{self.password}@{self.host}:{self.port}"

    @property
    def analyst_url(self) -> str:
        """Address of the read-only user."""
        return f"http://analyst:{self.password}@{self.host}:{self.port}"

    @property
    def running_id(self) -> int | None:
        """Process id; None if it was not started, or was ended."""
        process = self._process
        return None if process is None else process.pid

    @property
    def process_id(self) -> int:
        """Process id of the running endpoint."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        """What the endpoint wrote to stderr, over all its starts."""
        return self.data_dir.with_name(self.data_dir.name + ".log")

    def client(self, database: str = "default") -> Client:
        """A new client of the full-rights user."""
        return connect(self.url, database=database)

    def start(self) -> None:
        """Start and wait until it serves."""
        command = [sys.executable, "-m", "pipeline.adapters.clickhouse.endpoint", "--data", str(self.data_dir)]
        command += ["--host", self.host, "--port", str(self.port), *self._arguments]
        command += self._passwords()
        with self.log.open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        guard = threading.Timer(START_SECONDS, self._process.kill)
        guard.start()
        line = self._process.stdout.readline()
        guard.cancel()
        if not line.startswith("ready "):
            self._process.wait()
            raise RuntimeError(f"the ClickHouse endpoint did not start:\n{self.log.read_text()[-2000:]}")
        self.port = int(line.rstrip().rpartition(":")[2])

    def stop(self) -> int | None:
        """SIGTERM; returns the exit status, None if it was not running."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int | None:
        """SIGKILL; returns the exit status."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop gracefully (unless it was killed) and start again on the same port."""
        self.stop()
        self.start()

    def _passwords(self) -> list[str]:
        if not self.password:
            return []
        file = self.data_dir.with_name(self.data_dir.name + ".password")
        file.write_text(self.password)
        return ["--password-file", str(file), "--analyst-password-file", str(file)]

    def _end(self, number: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(number)
        try:
            return process.wait(START_SECONDS)
        finally:
            process.kill()
            if process.stdout is not None:
                process.stdout.close()
