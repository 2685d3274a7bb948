"""The stack at a steady rate for a long time, with the memory of every process: `python -m tests.benchmarks.soak`."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.adapters.stack.child import resident_bytes
from pipeline.simulator.simulate import simulate
from tests.servers.processes import command_line
from tests.servers.stack import StackProcess

DAY = 86_400_000
DAYS_BACK = 90
NAMES = {
    "up": "pipeline.cli up",
    "worker": "agents worker",
    "clickhouse": "clickhouse.endpoint",
    "broker": " broker ",
    "gate": " proxy ",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120, help="how long (default %(default)s)")
    parser.add_argument("--rate", type=int, default=300, help="events per second (default %(default)s)")
    parser.add_argument("--people", type=int, default=5_000, help="size of the population (default %(default)s)")
    parser.add_argument("--broker-mib", type=int, default=256, help="memory at which the broker is renewed")
    parser.add_argument("--cache-mib", type=int, default=256, help="memory for busy customers (default %(default)s)")
    arguments = parser.parse_args()
    settings = {
        "EMBEDDED__BROKER_MEMORY_MIB": str(arguments.broker_mib),
        "WORKER_CACHE_MIB": str(arguments.cache_mib),
    }
    with tempfile.TemporaryDirectory() as folder, StackProcess(Path(folder) / "data", settings=settings) as stack:
        sent = run(stack, arguments.minutes * 60, arguments.rate, days(arguments.people))
        stack.settle()
        ((stored,),) = stack.rows("SELECT count() FROM touchpoints")
        print(f"\n{sent:,} events sent, {stored:,} stored; broker renewed {stack.output().count('renewed')} times")
        assert stored == sent


def days(people: int) -> Iterator[dict[str, Any]]:
    """Events of the same people on successive days, up to today."""
    start = (time.time_ns() // 1_000_000 // DAY - DAYS_BACK) * DAY
    seen: set[str] = set()
    for number in range(DAYS_BACK):
        for one in simulate(1, people, start + number * DAY, DAY):
            if (name := str(one.event["id"])) not in seen:
                seen.add(name)
                yield one.event


def run(stack: StackProcess, seconds: float, rate: int, events: Iterator[dict[str, Any]]) -> int:
    """Send at the rate, second by second; print memory every minute."""
    print("minute  " + "".join(f"{name:>12}" for name in NAMES) + "    sent, MiB resident", flush=True)
    began, sent, minute = time.monotonic(), 0, -1
    while (elapsed := time.monotonic() - began) < seconds:
        if int(elapsed // 60) > minute:
            minute = int(elapsed // 60)
            print(f"{minute:>6}  " + "".join(f"{size:>12.0f}" for size in memory(stack)) + f"    {sent:,}", flush=True)
        due = int((elapsed + 1) * rate) - sent
        batch = list(islice(events, due))
        if due and not batch:
            break
        sent += stack.send(batch)
        time.sleep(max(0.0, began + sent / rate - time.monotonic()))
    return sent


def memory(stack: StackProcess) -> list[float]:
    """Resident MiB by process, in the order of `NAMES`."""
    found = dict.fromkeys(NAMES, 0.0)
    for process_id in stack.process_ids():
        command = command_line(process_id)
        name = next((name for name, sign in NAMES.items() if sign in command), None)
        if name is not None:
            found[name] = max(found[name], resident_bytes(process_id) / 1024**2)
    return list(found.values())


if __name__ == "__main__":
    main()
