"""A worker's memory by the number of mailboxes that the store knows and of those that are active."""

import asyncio
from typing import Final

from tests.benchmarks.ballast import Ballast, take_in
from tests.benchmarks.load import Record, fill, record_of, retail_records
from tests.benchmarks.measuring import resident_mebibytes
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import RAW_PARTITIONS, new_broker, new_database, new_endpoint
from tests.benchmarks.worker import Workers
from tests.servers.clickhouse import ClickHouseProcess

BASE_EVENTS: Final = 20_000
TOUCHPOINTS_PER_MAILBOX: Final = 6
"""About the average of the load; the report has the true number."""
MOST_TOUCHPOINTS: Final = 8
"""Most touchpoints of an active visitor: kiosks and the like would hide what a mailbox costs."""


def measure(bench: Bench) -> list[Row]:
    """Measure a new worker for each number of known mailboxes, while more and more of them become active."""
    with new_endpoint() as endpoint:
        return [row for known in bench.scale.known for row in _with_known(bench, endpoint, known)]


def _with_known(bench: Bench, endpoint: ClickHouseProcess, known: int) -> list[Row]:
    with new_database(endpoint) as database:
        asyncio.run(take_in(database, retail_records(min(BASE_EVENTS, known))))
        stored = Ballast(database).grow(known * TOUCHPOINTS_PER_MAILBOX)
        mailboxes = database.number(
            "SELECT uniqExact(name) FROM (SELECT DISTINCT customer AS name FROM touchpoint_rows"
            " UNION ALL SELECT identifier FROM mailbox_rows)"
        )
        bench.say(f"{mailboxes:,} mailboxes with {stored:,} touchpoints are stored")
        with new_broker() as broker, Workers(broker, database) as workers:
            workers.wait_until_ready()
            rows = [_row(mailboxes, 0, 0, workers)]
            visitors = {str(name): int(held) for name, held in database.rows(_visitors(max(bench.scale.active)))}
            names = list(visitors)
            for before, active in zip((0, *bench.scale.active), bench.scale.active, strict=False):
                fill(broker, [_visit(name) for name in names[before:active]], RAW_PARTITIONS)
                workers.wait_until_stored(len(names[:active]), "startsWith(event_id, 'visit-')")
                rows.append(_row(mailboxes, len(names[:active]), sum(list(visitors.values())[:active]), workers))
    return rows


def _visitors(limit: int) -> str:
    """A query for visitors' names and how many touchpoints each has."""
    return (
        "SELECT customer, count() FROM touchpoint_rows WHERE startsWith(customer, 'anonymous_id:') GROUP BY customer"
        f" HAVING count() <= {MOST_TOUCHPOINTS} ORDER BY sipHash64(customer) LIMIT {limit}"
    )


def _visit(customer: str) -> Record:
    namespace, _, value = customer.partition(":")
    return record_of(
        {
            "specversion": "1.0",
            "id": f"visit-{value}",
            "source": "/shop/web",
            "type": "web.page_viewed",
            "time": "2026-03-02T10:00:00Z",
            "data": {"identifiers": {namespace: value}, "url": "/", "status": 200},
        }
    )


def _row(known: int, active: int, touchpoints: int, workers: Workers) -> Row:
    (process_id,) = workers.process_ids
    resident, highest = resident_mebibytes(process_id)
    return (known, active, touchpoints, resident, highest)


SECTION: Final = Section(
    key="memory",
    title="Memory of a worker",
    method="""
        Resident memory of one worker. The store knows the mailboxes; each active one is a visitor with stored
        touchpoints, of whom one more event arrives, so that the worker loads and keeps all of them, up to the bound of
        its cache. The highest value contains the batches in flight while it catches up.
    """,
    columns=("mailboxes known", "active", "touchpoints loaded", "resident MiB", "highest MiB"),
    measure=measure,
    plots=(Plot(kind="lines", x=("active",), y=("resident MiB", "highest MiB"), label="MiB"),),
)
