"""A whole stack as a user runs it: `touchline up` in a process of its own, commands beside it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import orjson

from pipeline.adapters.stack.ports import free_port
from pipeline.adapters.stack.state import StackState, running_state

COMMAND = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]
READY_SECONDS = 120
STOP_SECONDS = 120


class RunningStack:
    """`touchline up` on free ports over a data directory, which may be started again."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        ports = {
            "EMBEDDED__BROKER_PORT": str(free_port()),
            "EMBEDDED__CLICKHOUSE_PORT": str(free_port()),
            "WEB_PORT": str(free_port()),
            "COLLECTOR__PORT": str(free_port()),
        }
        chosen = {"DATA": str(data), **ports, **settings}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLINE_")}
        self.environment = {**inherited, **{f"TOUCHLINE_{name}": value for name, value in chosen.items()}}
        self.output = data.with_suffix(".out")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> StackState:
        """Start it and wait until it is ready."""
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*COMMAND, "up"], env=self.environment, stdout=output, stderr=subprocess.STDOUT, cwd=self.data.parent
            )
        deadline = time.monotonic() + READY_SECONDS
        while (state := running_state(self.data)) is None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the stack did not start:\n{self.said}\n{self.logs}")
            time.sleep(0.1)
        return state

    @property
    def said(self) -> str:
        """What it told its user."""
        return self.output.read_text()

    @property
    def logs(self) -> str:
        """The ends of its parts' logs."""
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in sorted((self.data / "logs").glob("*.log")))

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command beside it."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            timeout=300,
            check=False,
            cwd=self.data.parent,
        )

    def done(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run a command that must succeed; returns its data."""
        result = self.run(*arguments, given=given)
        assert result.returncode == 0, f"{arguments}: {result.stderr.decode()}\n{self.said}\n{self.logs}"
        return result.stdout

    def rows(self, statement: str) -> list[dict[str, object]]:
        """Query it."""
        lines = self.done("query", "--format", "json", statement).splitlines()
        return [orjson.loads(line) for line in lines]

    def count(self, table: str) -> int:
        """Rows of a view."""
        return msgspec.convert(self.rows(f"SELECT toInt64(count()) AS n FROM {table}")[0]["n"], int)

    def signal(self, number: signal.Signals) -> None:
        """Signal `touchline up` itself."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        assert self._process is not None
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it does not end:\n{self.said}\n{self.logs}") from error
        self._process = None
        return status

    def stop(self) -> int:
        """Ctrl-C, and wait."""
        self.signal(signal.SIGINT)
        return self.wait()

    def part_process_ids(self) -> dict[int, str]:
        """Its child processes and their command lines."""
        assert self._process is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(int(entry.name)) == self._process.pid:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


def _parent(process_id: int) -> int:
    try:
        return int(Path(f"/proc/{process_id}/stat").read_text().rsplit(") ", 1)[1].split()[1])
    except (OSError, IndexError):
        return 0


def is_running(process_id: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False
