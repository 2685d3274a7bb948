"""Worker processes as they run in production, on a measurement's own broker and database."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from tests.benchmarks.load import Record, fill
from tests.benchmarks.measuring import Measured, cpu_seconds
from tests.benchmarks.site import RAW_PARTITIONS, Database
from tests.servers.ports import free_ports
from tests.servers.processes import environment

LOOK_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0
WARM_UP: Final = 100
"""How many events warm a worker up."""
_SAMPLE: Final = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


class Workers:
    """Worker processes, started on entering and stopped gracefully on leaving."""

    def __init__(self, broker: str, database: Database, count: int = 1) -> None:
        self._broker = broker
        self._database = database
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ports = free_ports(count)
        self._settings = {
            "BROKER": f"embedded://{broker}",
            "CLICKHOUSE": database.url,
            "SECRET": "the benchmark's secret",
        }

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "agents", "worker"]
        for port in self._ports:
            own = environment({**self._settings, "WEB_PORT": str(port)})
            with Path(os.environ.get("BENCHMARK_LOG", os.devnull)).open("ab") as log:
                self._processes.append(subprocess.Popen(command, env=own, stdout=log, stderr=log))
        return self

    def __exit__(self, *_: object) -> None:
        self._signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def process_ids(self) -> list[int]:
        """Their process ids."""
        return [process.pid for process in self._processes]

    def cpu_seconds(self) -> float:
        """CPU time of all of them so far."""
        return sum(map(cpu_seconds, self.process_ids))

    def wait_until_stored(self, events: int, condition: str = "true") -> int:
        """Wait until at least `events` events that meet a condition can be read; returns how many there are.

        Raises:
            RuntimeError: A worker has ended, or nothing arrives any more.
        """
        most, deadline = -1, 0.0
        while (found := self._stored(events, condition)) < events:
            if found > most:
                most, deadline = found, time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                raise RuntimeError(f"{found:,} of {events:,} events arrived: a worker ended, or stands still")
            time.sleep(LOOK_SECONDS)
        return found

    def warm_up(self, records: Sequence[Record]) -> None:
        """Process the first few records, then send the others while the workers are stopped.

        Otherwise workers would take events in before the clocks run, as intake runs ahead of storing. The stop must be
        shorter than a session timeout.
        """
        self.wait_until_ready()
        self._wait_for("SELECT uniqExact(token) FROM claim_rows", len(self._processes))
        fill(self._broker, records[:WARM_UP], RAW_PARTITIONS)
        self.wait_until_stored(WARM_UP)
        self._signal(signal.SIGSTOP)
        try:
            fill(self._broker, records[WARM_UP:], RAW_PARTITIONS)
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            process.send_signal(number)

    def _wait_for(self, query: str, number: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._database.number(query) < number:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{query} stays below {number}")
            time.sleep(LOOK_SECONDS)

    def _stored(self, events: int, condition: str) -> int:
        """Count rows, which is cheap, and count distinct events only once there are enough rows."""
        rows = self._database.number(f"SELECT count() FROM touchpoint_rows WHERE {condition}")
        if rows < events:
            return rows
        return self._database.number(f"SELECT uniqExact(event_key) FROM touchpoint_rows WHERE {condition}")

    def wait_until_ready(self) -> None:
        """Wait until every worker takes mail."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for port in self._ports:
            while not _is_ready(port):
                if time.monotonic() > deadline:
                    raise RuntimeError("a worker did not get ready")
                time.sleep(LOOK_SECONDS)

    def counted(self, metric: str, **labels: str) -> float:
        """Sum over the workers of a metric's samples that have these labels."""
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(
            float(value)
            for port in self._ports
            for name, found, value in _SAMPLE.findall(_page(port, f"metrics?name[]={metric}"))
            if name == metric and all(label in found for label in wanted)
        )


def complete_job(broker: str, database: Database, records: Sequence[Record], workers: int = 1) -> Measured:
    """Let warm workers continue on filled topics, and wait until every event can be read.

    The clocks run from the moment in which the workers continue to the last event.
    """
    with Workers(broker, database, workers) as running:
        running.warm_up(records)
        began = time.perf_counter()
        used, sink = running.cpu_seconds(), cpu_seconds(database.process_id)
        running.wait_until_stored(len(records))
        return Measured(
            events=len(records) - WARM_UP,
            seconds=time.perf_counter() - began,
            cpu_seconds=running.cpu_seconds() - used,
            sink_cpu_seconds=cpu_seconds(database.process_id) - sink,
        )


def _is_ready(port: int) -> bool:
    try:
        return _page(port, "readyz").startswith("ready")
    except OSError:
        return False


def _page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()
