"""The contest: the frameworks on the small job, and Touchline on that and on the complete one, in the same run."""

from collections.abc import Sequence
from typing import Final

from tests.benchmarks.load import fill, retail_records
from tests.benchmarks.measuring import Measured, median
from tests.benchmarks.peers.contenders import PLAIN_FAUST, Contender, ContenderError, count, present
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import RAW_PARTITIONS, new_broker, new_database, new_endpoint
from tests.benchmarks.worker import complete_job
from tests.integration.agents.tansu import create_topics, running_broker
from tests.servers.clickhouse import ClickHouseProcess

TOPIC: Final = "events"
COMPLETE: Final = "the complete job"
WORKERS: Final = (1, 2)
Runs = dict[tuple[str, str], list[Measured]]
"""By contender and what it does."""


def measure(bench: Bench) -> list[Row]:
    """Measure every contender in turn, once per run; each reads from a broker that was filled before."""
    runs: Runs = {}
    records = retail_records(bench.scale.events)
    with new_endpoint() as endpoint:
        for number in range(bench.scale.runs):
            bench.say(f"run {number + 1} of {bench.scale.runs}")
            _count(bench, runs)
            for workers in WORKERS:
                _complete(bench, runs, records, endpoint, workers)
    bench.capacity = median(runs[_touchline(1), COMPLETE]).rate
    return _rows(runs)


def _count(bench: Bench, runs: Runs) -> None:
    scale = bench.scale
    base = [(TOPIC, value) for _, value in retail_records(min(scale.events, scale.count_events))]
    records = (base * -(-scale.count_events // len(base)))[: scale.count_events]
    with running_broker() as broker:
        create_topics(broker, {TOPIC: RAW_PARTITIONS})
        fill(broker, records, RAW_PARTITIONS)
        for one in present(bench.python):
            events = scale.plain_events if one.slow else scale.count_events
            try:
                result = count(one, bench.python, broker, TOPIC, events)
            except ContenderError as error:
                if not one.needs:
                    raise
                bench.say(f"{one.name} is left out of this run: {error}")  # a peer's failure must not cost the others
            else:
                _note(bench, runs, (one.name, _job(one)), result)


def _complete(
    bench: Bench, runs: Runs, records: Sequence[tuple[str, bytes]], endpoint: ClickHouseProcess, workers: int
) -> None:
    with new_broker() as broker, new_database(endpoint) as database:
        _note(bench, runs, (_touchline(workers), COMPLETE), complete_job(broker, database, records, workers))


def _note(bench: Bench, runs: Runs, name: tuple[str, str], result: Measured) -> None:
    runs.setdefault(name, []).append(result)
    bench.say(f"{', '.join(name)}: {result.rate:,.0f} events/s, {result.cpu_microseconds:.1f} µs of CPU per event")


def _job(contender: Contender) -> str:
    return f"counting in {contender.keeps}"


def _touchline(workers: int) -> str:
    return f"Touchline, {workers} worker{'s' if workers > 1 else ''}"


def _rows(runs: Runs) -> list[Row]:
    plain = median(runs[PLAIN_FAUST.name, _job(PLAIN_FAUST)])
    rows: list[Row] = []
    for (name, job), results in runs.items():
        middle = median(results)
        sink = middle.sink_cpu_microseconds if middle.sink_cpu_seconds else None
        rates = [result.rate for result in results]
        rows.append(
            (
                name,
                job,
                middle.rate,
                middle.rate / plain.rate,
                middle.cpu_microseconds,
                1e6 / middle.cpu_microseconds,
                sink,
                (max(rates) - min(rates)) / middle.rate * 100,
            )
        )
    return rows


SECTION: Final = Section(
    key="contest",
    title="Beside the peers",
    method="""
        Everybody reads the same simulated events, one per record, from a broker that was filled before. The small job
        is to decode an event with orjson and to count it for its first identifier: in a plain dict, or in the
        framework's own keyed state (bytewax without recovery, quixstreams with RocksDB and without a changelog, which
        are their cheapest). Its clocks run from the first event handled to the last: starting and joining the group
        are left out. **The complete job** is decode, validate, normalise, pseudonymise, post, stitch, fold journeys
        with all frictions, and insert. Its clocks run from the moment in which workers that have joined are let loose
        on filled topics to the last row that can be read. CPU time is that of all threads and processes of the
        contender; events per CPU second remain comparable when something else runs on the machine. Figures are medians,
        each for itself.
    """,
    columns=(
        "contender",
        "job",
        "events/s",
        "of plain Faust",
        "CPU µs/event",
        "events per CPU second",
        "ClickHouse CPU µs/event",
        "spread of runs, %",
    ),
    measure=measure,
    plots=(Plot(kind="bars", x=("contender", "job"), y=("events/s",), label="events per second"),),
)
