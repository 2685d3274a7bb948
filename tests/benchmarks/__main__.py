"""The complete job beside a plain Faust agent, on the same events in the same run: `python -m tests.benchmarks`."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.adapters.stack.schema import migrate_schema
from pipeline.settings.model import Settings
from tests.benchmarks.load import fill, retail_records
from tests.benchmarks.measuring import Measured, median
from tests.benchmarks.worker import complete_job
from tests.integration.agents.tansu import running_broker
from tests.servers.clickhouse import ClickHouseProcess

SETTINGS = Settings()
LIMIT_SECONDS = 900
Runs = dict[str, list[Measured]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=60_000, help="events per run (default %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender, in turn (default %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (default %(default)s)")
    arguments = parser.parse_args()
    print(f"making up {arguments.events:,} events", flush=True)
    records = retail_records(arguments.events)
    runs: Runs = {"plain Faust, decoding only": [], "Touchline, the complete job": []}
    with tempfile.TemporaryDirectory() as folder, ClickHouseProcess(Path(folder) / "data") as store:
        for number in range(arguments.runs):
            one_run(number, records, store, runs, arguments.workers)
    print()
    print(table(runs))


def one_run(number: int, records: list[tuple[str, bytes]], store: ClickHouseProcess, runs: Runs, workers: int) -> None:
    """Both contenders on one filled broker."""
    database = f"run_{number}"
    plain, ours = runs.values()
    with running_broker() as broker:
        with BrokerAdmin([broker]) as admin:
            ensure_topics(admin, SETTINGS.topics)
        migrate_schema(f"{store.url}/{database}", SETTINGS)
        fill(broker, records, SETTINGS.topics.raw_partitions)
        plain.append(plain_faust(broker, records))
        print(f"run {number + 1}: plain Faust {plain[-1].rate:,.0f} events/s", flush=True)
        ours.append(complete_job(broker, store, database, len(records), workers))
        print(f"run {number + 1}: Touchline {ours[-1].rate:,.0f} events/s", flush=True)


def plain_faust(broker: str, records: list[tuple[str, bytes]]) -> Measured:
    """The baseline in a process of its own."""
    topics = sorted({topic for topic, _ in records})
    command = [sys.executable, "-m", "tests.benchmarks.plain_faust", broker, str(len(records)), *topics]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=LIMIT_SECONDS)
    events, seconds, used = result.stdout.split()
    return Measured(events=int(events), seconds=float(seconds), cpu_seconds=float(used))


def table(runs: Runs) -> str:
    """Medians as a Markdown table; the ratio is against the first contender."""
    lines = [
        "| contender | events/s | of plain Faust | CPU µs/event | ClickHouse CPU µs/event |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    first = median(next(iter(runs.values())))
    for name, measured in runs.items():
        middle = median(measured)
        sink = f"{middle.sink_cpu_microseconds:.1f}" if middle.sink_cpu_seconds else ""
        ratio = f"{middle.rate / first.rate:.2f}"
        lines.append(f"| {name} | {middle.rate:,.0f} | {ratio} | {middle.cpu_microseconds:.1f} | {sink} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
