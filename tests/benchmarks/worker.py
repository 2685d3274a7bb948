"""One worker doing the complete job, from topic to visible in ClickHouse."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.stack.ports import free_port
from tests.benchmarks.measuring import Measured, cpu_seconds
from tests.servers.clickhouse import ClickHouseProcess

LOOK_SECONDS = 0.25
LIMIT_SECONDS = 900.0


def complete_job(broker: str, store: ClickHouseProcess, database: str, events: int, workers: int = 1) -> Measured:
    """Start workers on filled topics and wait until every event can be read.

    The clocks run from the first rows that can be read to the last: starting up and joining the group are left out.
    """
    client = connect(store.url, database=database)
    processes = [_worker(broker, f"{store.url}/{database}", index) for index in range(workers)]
    try:
        before = _wait_for(client, 1, processes)
        began = time.perf_counter()
        used, sink = sum(cpu_seconds(one.pid) for one in processes), cpu_seconds(store.process_id)
        _wait_for(client, events, processes)
        return Measured(
            events=events - before,
            seconds=time.perf_counter() - began,
            cpu_seconds=sum(cpu_seconds(one.pid) for one in processes) - used,
            sink_cpu_seconds=cpu_seconds(store.process_id) - sink,
        )
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)
        client.close()


def _worker(broker: str, clickhouse: str, index: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLINE_")}
    environment |= {
        "TOUCHLINE_BROKER": broker,
        "TOUCHLINE_CLICKHOUSE": clickhouse,
        "TOUCHLINE_SECRET": "the benchmark's secret",
        "TOUCHLINE_WEB_PORT": str(free_port()),
    }
    log = Path(os.environ.get("BENCHMARK_LOG", os.devnull))
    with log.open("ab") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "agents", "worker"], env=environment, stdout=stream, stderr=stream
        )


def _wait_for(client: Client, events: int, processes: list[subprocess.Popen[bytes]]) -> int:
    """Wait until at least this many touchpoints are stored; returns how many."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        (row,) = client.query("SELECT uniqExact(event_key) FROM touchpoint_rows").result_rows
        found = int(row[0])
        if found >= events:
            return found
        if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
            raise RuntimeError(f"{found:,} of {events:,} events arrived: a worker ended, or is too slow")
        time.sleep(LOOK_SECONDS)
