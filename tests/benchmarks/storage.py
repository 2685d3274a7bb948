"""What a touchpoint takes on disk, how often rows are written, and what FINAL costs queries."""

import statistics
import time
from typing import Final

from tests.benchmarks.load import fill, retail_records
from tests.benchmarks.section import Bench, Row, Section
from tests.benchmarks.site import RAW_PARTITIONS, Database, new_broker, new_database, new_endpoint
from tests.benchmarks.worker import Workers

TABLES: Final = ("touchpoint_rows", "mailbox_rows", "journey_rows", "friction_rows", "wake_rows")
VIEWS: Final = ("touchpoints", "journeys", "frictions")
QUERIES: Final = {
    "touchpoints by type": "SELECT type, count() FROM {touchpoints} WHERE NOT probe GROUP BY type",
    "one customer's touchpoints": (
        "SELECT time, type, data FROM {touchpoints} WHERE customer = '{customer}' ORDER BY time"
    ),
    "journeys by outcome": "SELECT outcome, count(), sum(order_value) FROM {journeys} GROUP BY outcome",
    "journeys that reached a stage": (
        "SELECT stage, count() FROM {journeys} ARRAY JOIN arrayDistinct(step_stage) AS stage GROUP BY stage"
    ),
    "frictions by kind and owner": "SELECT kind, owner, count(), uniqExact(customer) FROM {frictions} GROUP BY ALL",
}


def measure(bench: Bench) -> list[Row]:
    """Let a worker take everything in; measure sizes and queries on the tables as it left them, then on merged ones."""
    records = retail_records(bench.scale.events)
    with new_endpoint() as endpoint, new_database(endpoint) as database:
        with new_broker() as broker:
            fill(broker, records, RAW_PARTITIONS)
            with Workers(broker, database) as workers:
                workers.wait_until_stored(len(records))
                written = {table: workers.counted("touchline_sink_rows_total", table=table) for table in TABLES}
        left, slow = _bytes(database), _timed(bench, database)
        for table in TABLES:
            database.client.command(f"OPTIMIZE TABLE {table} FINAL")
        merged, fast = _bytes(database), _timed(bench, database)
        plain = _timed(bench, database, _without_final(database))
        bench.kept[QUERIES_SECTION.key] = [(name, slow[name], fast[name], plain[name]) for name in QUERIES]
        current = {table: database.number(f"SELECT count() FROM {table} FINAL") for table in TABLES}
    events = len(records)
    rows: list[Row] = [
        (
            table,
            written[table] / events,
            current[table] / events,
            written[table] / max(1, current[table]),
            left[table] / events,
            merged[table] / events,
        )
        for table in TABLES
    ]
    return [*rows, _all(rows)]


def _all(rows: list[Row]) -> Row:
    written, current, left, merged = (sum(_number(row[column]) for row in rows) for column in (1, 2, 4, 5))
    return ("all", written, current, written / current, left, merged)


def queries(bench: Bench) -> list[Row]:
    """The times of queries that `measure` found."""
    if QUERIES_SECTION.key not in bench.kept:
        measure(bench)
    return bench.kept.pop(QUERIES_SECTION.key)


def _number(cell: object) -> float:
    assert isinstance(cell, int | float)
    return cell


def _bytes(database: Database) -> dict[str, int]:
    """Bytes on disk by table."""
    found = database.rows(
        "SELECT table, sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY ALL"
    )
    return dict.fromkeys(TABLES, 0) | {str(table): int(size) for table, size in found}


def _without_final(database: Database) -> dict[str, str]:
    """Create views that do the same without FINAL; returns their names by the view they replace."""
    found = database.rows("SELECT name, as_select FROM system.tables WHERE database = currentDatabase()")
    definitions = {str(name): str(query) for name, query in found}
    for view in VIEWS:
        database.client.command(f"CREATE VIEW plain_{view} AS {definitions[view].replace(' FINAL', '')}")
    return {view: f"plain_{view}" for view in VIEWS}


def _timed(bench: Bench, database: Database, instead: dict[str, str] | None = None) -> dict[str, float]:
    """Median milliseconds of each query, on the views or on their replacements in `instead`."""
    (busy,) = database.rows("SELECT customer FROM touchpoint_rows GROUP BY customer ORDER BY count() DESC LIMIT 1")
    names = {view: view for view in VIEWS} | (instead or {}) | {"customer": str(busy[0])}
    return {name: _milliseconds(database, query.format(**names), bench) for name, query in QUERIES.items()}


def _milliseconds(database: Database, query: str, bench: Bench) -> float:
    times = []
    for _ in range(bench.scale.queries):
        began = time.perf_counter()
        database.rows(query)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1_000


SECTION: Final = Section(
    key="storage",
    title="Rows and bytes",
    method="""
        One worker on filled topics, that is with large batches; under live traffic a journey is written more often, see
        the latency. Written rows are those that the worker counted, current ones those that FINAL leaves. Bytes are per
        touchpoint: as the worker left the parts, and with every table merged into one.
    """,
    columns=(
        "table",
        "rows written per touchpoint",
        "current rows per touchpoint",
        "written per current row",
        "bytes as left",
        "bytes merged",
    ),
    measure=measure,
)
QUERIES_SECTION: Final = Section(
    key="queries",
    title="What FINAL costs",
    method="""
        Milliseconds of queries over the views, whose rows are made current by FINAL: on the parts as the worker left
        them, when they are merged into one, and then on the tables without FINAL.
    """,
    columns=("query", "view as left, ms", "view merged, ms", "without FINAL, ms"),
    measure=queries,
)
