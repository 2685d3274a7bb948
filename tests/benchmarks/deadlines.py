"""What a million open deadlines cost, and how late the next ones are found: `python -m tests.benchmarks.deadlines`."""

import argparse
import asyncio
import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.migrate import migrate
from pipeline.adapters.clickhouse.store import DUE, ClickHouseStore
from pipeline.mail.partition import partition_of
from pipeline.stitching.changes import Changes, Wake
from tests.servers.clickhouse import ClickHouseProcess
from tests.servers.stack import StackProcess

PARTITIONS: Final = range(8)
LIMIT: Final = 500
"""How many deadlines a worker takes at once."""
LOOKS: Final = 15
CHUNK: Final = 50_000
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
AHEAD_MS: Final = 45_000
"""Time from sending a checkout to the deadline for its order."""
SPREAD_MS: Final = 10_000
PATIENCE_SECONDS: Final = 240.0


class Found(NamedTuple):
    """How long after their deadlines frictions were found, in seconds."""

    raised: list[float]
    """From each deadline until its friction was detected, sorted."""
    counted: float
    """From the last deadline until `/metrics` shows all frictions."""


def main() -> None:
    """Measure the query alone, then a worker."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.deadlines", description=__doc__)
    parser.add_argument("--open", type=int, default=1_000_000, help="open deadlines (default %(default)s)")
    parser.add_argument("--done", type=int, default=360_000, help="done in the last hour (default %(default)s)")
    parser.add_argument("--folder", default=None, help="where to put the data, instead of a temporary folder")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
        ClickHouseProcess(Path(folder) / "clickhouse") as endpoint,
    ):
        migrate(endpoint.client())
        client = endpoint.client("touchline")
        asyncio.run(measure_looking(client, arguments.open, arguments.done))
        settings = {"CLICKHOUSE": f"{endpoint.url}/touchline"}
        with StackProcess(Path(folder) / "stack", settings=settings) as stack:
            show_found("a worker that runs", measure_finding(stack, client, "a", restart=False))
            show_found("a worker that was killed in between", measure_finding(stack, client, "b", restart=True))


async def measure_looking(client: Client, open_: int, done: int) -> None:
    """Fill the table, and look for passed deadlines in between."""
    store = ClickHouseStore(client, {})
    now = time.time_ns() // 1_000_000
    began = time.monotonic()
    await fill(store, wakes("open", open_, now + DAY, 60 * DAY), 1)
    rows, size = client.query(
        "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE table = 'wake_rows' AND active"
    ).result_rows[0]
    print(f"{rows:,} open, {size / rows:.0f} bytes each on disk, filled in {time.monotonic() - began:.0f} s\n")
    print("| looking for deadlines that have passed | found | rows read | ms, median of 15 | ms, highest |")
    print("| --- | ---: | ---: | ---: | ---: |", flush=True)
    await look(client, store, "nothing is due", now, now - MINUTE)
    await fill(store, wakes("due", LIMIT, now - MINUTE, MINUTE), 1)
    await look(client, store, f"{LIMIT} are due", now, now - MINUTE)
    await fill(store, wakes("due", LIMIT, now - MINUTE, MINUTE, done=True), 2)
    await fill(store, wakes("past", done, now - HOUR, HOUR), 1)
    await fill(store, wakes("past", done, now - HOUR, HOUR, done=True), 2)
    await look(client, store, f"{done:,} were done in the last hour", now, now - MINUTE)
    await look(client, store, "the same, by a worker that has just taken over", now, 0)
    store.close()


def wakes(name: str, count: int, start: int, length: int, *, done: bool = False) -> Iterator[Wake]:
    """Deadlines of `count` customers, one each, spread evenly over a time."""
    for number in range(count):
        customer = f"customer_id:{name}-{number}"
        at = start + number * length // count
        yield Wake(customer, partition_of(customer, len(PARTITIONS)), at, done)


async def fill(store: ClickHouseStore, rows: Iterable[Wake], version: int) -> None:
    """Save wakes as workers do."""
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        await store.save(Changes(wakes=chunk), dict.fromkeys(PARTITIONS, version))


async def look(client: Client, store: ClickHouseStore, what: str, now: int, since: int) -> None:
    """Query as a worker does every second, and print what it costs."""
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        found = await store.due(PARTITIONS, now, LIMIT, since)
        times.append((time.perf_counter() - began) * 1000)
    asked = {"partitions": list(PARTITIONS), "since": since, "until": now, "limit": LIMIT}
    read = json.loads(client.raw_query(DUE, parameters=asked, fmt="JSONCompact"))["statistics"]["rows_read"]
    print(f"| {what} | {len(found)} | {read:,} | {statistics.median(times):.0f} | {max(times):.0f} |", flush=True)


def measure_finding(stack: StackProcess, client: Client, name: str, *, restart: bool) -> Found:
    """Let the hour after 500 checkouts pass; with `restart`, the worker is killed once it has stored them."""
    before = raised_so_far(stack)
    first = time.time_ns() // 1_000_000 - HOUR + AHEAD_MS
    started = {f"{name}-{number}": first + number * SPREAD_MS // LIMIT for number in range(LIMIT)}
    stack.send(checkout(customer, at) for customer, at in started.items())
    stack.settle()
    if restart:
        os.kill(stack.worker_process_ids()[0], signal.SIGKILL)
    last = max(started.values()) + HOUR
    patience = time.monotonic() + PATIENCE_SECONDS
    expected = LIMIT + (0 if restart else before)
    while raised_so_far(stack) < expected:
        if time.monotonic() > patience:
            raise RuntimeError(f"{raised_so_far(stack):.0f} of {expected:.0f} were counted")
        time.sleep(0.1)
    counted = time.time() - last / 1000
    rows = client.query(
        "SELECT substring(customer, 13), toUnixTimestamp64Milli(detected_at) FROM frictions"
        f" WHERE kind = 'checkout_abandoned' AND startsWith(customer, 'customer_id:{name}-')"
    ).result_rows
    assert len(rows) == LIMIT
    return Found(sorted((at - started[customer] - HOUR) / 1000 for customer, at in rows), counted)


def checkout(customer: str, at: int) -> dict[str, Any]:
    """An event with which a customer starts a checkout; no order follows."""
    return {
        "specversion": "1.0",
        "id": f"checkout-{customer}",
        "source": "/shop",
        "type": "web.checkout_started",
        "time": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds"),
        "data": {"identifiers": {"customer_id": customer}, "amount": 10, "currency": "EUR"},
    }


def raised_so_far(stack: StackProcess) -> float:
    """How many frictions the worker has counted; 0 while it is down."""
    try:
        return stack.counted("touchline_frictions_total", kind="checkout_abandoned")
    except OSError:
        return 0.0


def show_found(who: str, found: Found) -> None:
    """Print one line."""
    middle, late = found.raised[len(found.raised) // 2], found.raised[len(found.raised) * 99 // 100]
    print(f"{who}: raised {middle:.1f} s after the deadline (median), {late:.1f} s (p99), ", end="")
    print(f"{found.raised[-1]:.1f} s (highest); all counted {found.counted:.1f} s after the last one", flush=True)


if __name__ == "__main__":
    main()
