"""Far more than a worker can do, all at once, into steady traffic: memory, recovery, and latency of that traffic."""

import time
from collections.abc import Callable, Sequence
from itertools import count, islice
from threading import Thread
from typing import Final

import orjson

from pipeline.mail.partition import partition_of
from tests.benchmarks.latency import Watch, capacity_of
from tests.benchmarks.load import Record, fill, record_of, retail_records
from tests.benchmarks.measuring import percentile, resident_mebibytes
from tests.benchmarks.section import Bench, Row, Section
from tests.benchmarks.site import RAW_PARTITIONS, SETTINGS, Database, new_broker, new_database, new_endpoint
from tests.benchmarks.traffic import Traffic
from tests.benchmarks.worker import Workers
from tests.servers.clickhouse import ClickHouseProcess

STEADY: Final = 0.2
"""Share of the capacity that comes all the time."""
OVERLOAD: Final = 0.6
"""Seconds of the capacity that come at once, for each second of the measurement."""
BURST: Final = "burst-"
"""The prefix of the ids of its events."""


class Burst(Thread):
    """Sends records as fast as the broker accepts them, and waits until they can be read."""

    def __init__(self, broker: str, records: Sequence[Record], workers: Workers) -> None:
        super().__init__(daemon=True)
        self.sending_seconds = self.recovery_seconds = 0.0
        self._broker = broker
        self._records = records
        self._workers = workers

    def run(self) -> None:
        """Send, wait, and note how long both took."""
        began = time.monotonic()
        fill(self._broker, self._records, RAW_PARTITIONS)
        self.sending_seconds = time.monotonic() - began
        self._workers.wait_until_stored(len(self._records), f"startsWith(event_id, '{BURST}')")
        self.recovery_seconds = time.monotonic() - began


def many_customers(events: int) -> list[Record]:
    """A retailer's day."""
    decoded = (orjson.loads(value) for _, value in retail_records(events))
    return [record_of({**event, "id": BURST + event["id"]}) for event in decoded]


def one_partition(events: int) -> list[Record]:
    """Visitors with about six events each, whose mail is all in one partition."""
    partitions = SETTINGS.topics.mail_partitions
    names = (name for name in map("burst-{}".format, count()) if not partition_of(f"anonymous_id:{name}", partitions))
    visitors = list(islice(names, events // 6 + 1))
    return [_view(visitors[number % len(visitors)], number) for number in range(events)]


def one_customer(events: int) -> list[Record]:
    """One visitor, say a robot."""
    return [_view("burst-robot", number) for number in range(events)]


LOADS: Final[dict[str, Callable[[int], list[Record]]]] = {
    "many customers": many_customers,
    "one mail partition": one_partition,
    "one customer": one_customer,
}


def _view(visitor: str, number: int) -> Record:
    return record_of(
        {
            "specversion": "1.0",
            "id": f"{BURST}{number}",
            "source": "/shop/web",
            "type": "web.page_viewed",
            "time": f"2026-03-02T10:{number // 60_000 % 60:02}:{number // 1_000 % 60:02}.{number % 1_000:03}Z",
            "data": {"identifiers": {"anonymous_id": visitor}, "url": f"/{number}", "status": 200},
        }
    )


def measure(bench: Bench) -> list[Row]:
    """Each kind of burst on an empty store."""
    with new_endpoint() as endpoint:
        capacity = capacity_of(bench, endpoint)
        return [_row(bench, endpoint, name, capacity) for name in LOADS]


def _row(bench: Bench, endpoint: ClickHouseProcess, name: str, capacity: float) -> Row:
    warm_up, rate = bench.scale.seconds / 3, capacity * STEADY
    steady = retail_records(int(rate * (warm_up + bench.scale.seconds)))
    records = LOADS[name](int(capacity * OVERLOAD * bench.scale.seconds))
    with new_broker() as broker, new_database(endpoint) as database, Workers(broker, database) as workers:
        workers.wait_until_ready()
        traffic = Traffic(broker, steady, rate, warm_up)
        watch, burst = Watch(traffic, workers, database), Burst(broker, records, workers)
        traffic.start()
        time.sleep(warm_up)
        before, _ = resident_mebibytes(workers.process_ids[0])
        burst.start()
        watch.until_all_are_seen()
        burst.join()
        _, highest = resident_mebibytes(workers.process_ids[0])
        claims = _claims(database)
    visible = list(watch.visible.values())
    bench.say(f"{name}: {len(records):,} events at once, done after {burst.recovery_seconds:.1f} s")
    return (
        name,
        len(records),
        len(records) / burst.sending_seconds / capacity,
        burst.recovery_seconds,
        len(records) / burst.recovery_seconds,
        percentile(visible, 50),
        max(visible),
        before,
        highest,
        claims,
    )


def _claims(database: Database) -> int:
    """How often partitions were taken over: once, unless the group took the worker for dead."""
    return database.number("SELECT uniqExact(token) FROM claim_rows")


SECTION: Final = Section(
    key="burst",
    title="A burst",
    method=f"""
        One worker under steady traffic at {STEADY:.0%} of its capacity, into which {OVERLOAD:g} seconds' worth of the
        capacity come at once for each second of the measurement, as fast as the broker takes them. *Done* is when all
        of the burst can be read. Markers are customers of their own in the steady traffic, from sending to being
        visible: what is behind the burst in its partition waits for it. *Takeovers* of partitions: one is the worker's
        start; with more, the consumer group took it for dead.
    """,
    columns=(
        "burst",
        "events",
        "times the capacity",
        "done after, s",
        "events/s of it",
        "others visible p50, s",
        "others visible max, s",
        "worker MiB before",
        "worker MiB at most",
        "takeovers",
    ),
    measure=measure,
)
