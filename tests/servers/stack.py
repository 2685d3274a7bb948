"""The whole embedded stack as a user starts it, `touchline up`, for tests."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError

import orjson
from clickhouse_connect.driver.client import Client

from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.stack.ports import free_port, is_free
from pipeline.catalogue.topics import raw_topic_of
from tests.servers.metrics import total
from tests.servers.ports import free_ports
from tests.servers.processes import command_line, descendants, environment

START_SECONDS = 120.0
STOP_SECONDS = 180.0
SETTLE_SECONDS = 400.0
GROUP = "touchline"


class StackProcess:
    """`touchline up` on a data directory, on free ports of 127.0.0.1 that it keeps over restarts."""

    def __init__(
        self,
        data: Path,
        *,
        workers: int = 1,
        settings: dict[str, str] | None = None,
        broker: Sequence[str] = (),
        collector: bool = False,
    ) -> None:
        """Choose ports.

        Args:
            data: The data directory.
            workers: How many.
            settings: Further TOUCHLINE_* variables, by name without the prefix.
            broker: Bootstrap servers of a broker that runs already; empty: the embedded one.
            collector: Whether it runs one.
        """
        self.data = data
        self.workers = workers
        self.web_port = free_range(workers)
        own = range(self.web_port, self.web_port + workers)
        self.broker_port, self.clickhouse_port, self.collector_port = free_ports(3, besides=own)
        self._collector = collector
        self._settings = settings or {}
        self._broker = list(broker)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            assert self.stop() == 0, self.output()
        else:
            self.kill()

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which any `touchline` command addresses this stack."""
        own = {
            "DATA": str(self.data),
            "WORKERS": str(self.workers),
            "WEB_PORT": str(self.web_port),
            "EMBEDDED__BROKER_PORT": str(self.broker_port),
            "EMBEDDED__CLICKHOUSE_PORT": str(self.clickhouse_port),
            "COLLECTOR__PORT": str(self.collector_port),
            "COLLECTOR__ENABLED": str(self._collector).lower(),
        }
        return environment({**own, **self._settings})

    @property
    def servers(self) -> list[str]:
        """Kafka bootstrap servers."""
        return self._broker or [f"127.0.0.1:{self.broker_port}"]

    def output(self) -> str:
        """What `up` has printed, over all its starts."""
        return self._log.read_text(errors="replace")

    def log(self, part: str) -> str:
        """The log of a part, such as `worker-0`."""
        return (self.data / "logs" / f"{part}.log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until it reports that it is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.cli", "up", *self._addresses()],
                stdout=log,
                stderr=log,
                env=self.environment,
                preexec_fn=hear_signals,
            )
        deadline = time.monotonic() + START_SECONDS
        while "Touchline is ready" not in self._log.read_bytes()[began:].decode(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the stack did not start:\n{self._told()}")
            time.sleep(0.1)

    def interrupt(self) -> None:
        """Ctrl-C: the stack takes nothing more in, stores what it accepted and stops; `stop` waits for that."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)

    def stop(self) -> int:
        """Ctrl-C and wait; returns the exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"the stack does not end:\n{self._told()}") from error
        finally:
            process.kill()

    def kill(self) -> None:
        """SIGKILL; the parts end with it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def process_ids(self) -> list[int]:
        """Process ids of `touchline up` and of everything that it runs now."""
        assert self._process is not None
        return [self._process.pid, *descendants(self._process.pid)]

    def worker_process_ids(self) -> list[int]:
        """Process ids of the workers that run now, in the order of their numbers."""
        workers = [number for number in self.process_ids() if " agents worker " in command_line(number)]
        return sorted(workers, key=command_line)

    def broker_process_ids(self) -> list[int]:
        """Process ids of the embedded brokers that run now; while one is renewed there are two."""
        return [number for number in self.process_ids() if " broker " in command_line(number)]

    @property
    def worker_urls(self) -> list[str]:
        """The base URLs of the workers' web pages."""
        return [f"http://127.0.0.1:{self.web_port + index}" for index in range(self.workers)]

    def counted(self, metric: str, **labels: str) -> float:
        """The sum of a metric over the workers and the series with these labels."""
        return total(self.worker_urls, metric, **labels)

    def client(self) -> Client:
        """A client of the full-rights user."""
        return connect(f"http://default:@127.0.0.1:{self.clickhouse_port}/touchline")

    def rows(self, query: str, parameters: dict[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """The rows of a query."""
        client = self.client()
        try:
            return client.query(query, parameters=parameters).result_rows
        finally:
            client.close()

    def send(self, events: Iterable[dict[str, Any]]) -> int:
        """Send events to their topics, in this order; returns how many the broker acknowledged."""
        with EventProducer(self.servers) as producer:
            for event in events:
                producer.send(raw_topic_of(str(event["type"])), orjson.dumps(event))
        assert producer.failed == 0
        return producer.accepted

    def post(self, events: Sequence[dict[str, Any]]) -> int:
        """Send events to the collector in one request; returns the status of its answer."""
        address = f"http://127.0.0.1:{self.collector_port}/v1/events"
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(address, orjson.dumps(events), kind), timeout=60
            ) as answer:
                status: int = answer.status
                return status
        except HTTPError as error:
            with error:
                return error.code

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until everything accepted so far is stored."""
        settle(self.servers, GROUP, seconds)

    def touchline(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command against this stack."""
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        return subprocess.run(command, input=given, capture_output=True, env=self.environment, check=False, timeout=600)

    def done(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run a command that must succeed; returns its standard output."""
        result = self.touchline(*arguments, given=given)
        assert result.returncode == 0, f"{arguments}: {result.stderr.decode()}\n{self._told()}"
        return result.stdout

    def status(self) -> dict[str, Any]:
        """The output of `touchline status --json`."""
        found: dict[str, Any] = orjson.loads(self.touchline("status", "--json").stdout)
        return found

    def _addresses(self) -> list[str]:
        return ["--broker", f"kafka://{','.join(self._broker)}"] if self._broker else []

    def _told(self) -> str:
        """The end of its output, and of its parts' logs."""
        parts = sorted(path.stem for path in (self.data / "logs").glob("*.log"))
        return "\n".join([self.output()[-3000:], *(f"{part}: {self.log(part)[-1500:]}" for part in parts)])

    @property
    def _log(self) -> Path:
        return self.data.with_name(self.data.name + ".log")


def hear_signals() -> None:
    """Undo what children inherit: a shell's background jobs ignore SIGINT, and what `nohup` runs ignores SIGHUP."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def free_range(count: int) -> int:
    """The first of `count` ports in a row that are free."""
    while True:
        first = free_port()
        if all(is_free("127.0.0.1", first + offset) for offset in range(count)):
            return first
