"""What an event costs for customers that already have many touchpoints."""

import asyncio
import statistics
from typing import Final

from pipeline.events.record import Record
from tests.benchmarks.in_process import NOW, Nowhere, new_intake, new_stitcher, posted, stitch, taken_in
from tests.benchmarks.load import record_of
from tests.benchmarks.measuring import Stopwatch
from tests.benchmarks.section import Bench, Plot, Row, Section

TOUCHES: Final = 100_000
"""Highest number of touchpoints held, over all customers."""
MORE: Final = 5
"""Events added to each customer: a single one for each of a few customers takes too little time to be measured."""
TYPES: Final = ("web.page_viewed", "web.product_viewed", "web.searched", "web.clicked")
DETAILS: Final = {
    "web.page_viewed": {"url": "/deals", "status": 200},
    "web.product_viewed": {"product_id": "p-1", "price": 10.0, "currency": "EUR"},
    "web.searched": {"query": "lamp", "results": 7},
    "web.clicked": {"target": "#more", "x": 10, "y": 20},
}


def measure(bench: Bench) -> list[Row]:
    """Measure each length with customers of its own."""
    return [_at_length(bench, length) for length in bench.scale.lengths]


def _at_length(bench: Bench, length: int) -> Row:
    customers = max(5, min(bench.scale.customers, TOUCHES // length))
    times = [watch for _ in range(bench.scale.runs) for watch in asyncio.run(_some_more(length, customers))]
    return (length, customers, statistics.median(watch.cpu_seconds for watch in times) / customers * 1e6)


async def _some_more(length: int, customers: int) -> list[Stopwatch]:
    """The times of adding one more event to each customer, `MORE` times."""
    stitcher, intake = await new_stitcher(Nowhere()), new_intake()
    history = [_event(customer, number) for customer in range(customers) for number in range(length)]
    await stitch(stitcher, posted(taken_in(intake, history)))
    watches = []
    for number in range(length, length + MORE):
        latest = posted(taken_in(intake, [_event(customer, number) for customer in range(customers)]))
        watches.append(Stopwatch())
        with watches[-1]:
            await stitch(stitcher, latest)
    return watches


def _event(customer: int, number: int) -> Record:
    """An event of a visit that never ends, seven seconds after the one before."""
    name = TYPES[number % len(TYPES)]
    seconds, milliseconds = divmod(number * 7_000, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    event = {
        "specversion": "1.0",
        "id": f"{customer}-{number}",
        "source": "/shop/web",
        "type": name,
        "time": f"2026-03-01T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z",
        "data": {"identifiers": {"anonymous_id": f"a-{customer}"}, **DETAILS[name]},
    }
    topic, value = record_of(event)
    return Record(topic, 0, number, NOW, value)


SECTION: Final = Section(
    key="lengths",
    title="Cost over the length of one customer's history",
    method=f"""
        Customers whose visit never ends (four kinds of web events in turn, seven seconds apart), held in memory; then
        one more event for each, {MORE} times. CPU time of stitching such an event, the median: step, fold and finding
        what differs; without the store.
    """,
    columns=("touchpoints at the customer", "customers", "CPU µs/event"),
    measure=measure,
    plots=(
        Plot(
            kind="lines",
            x=("touchpoints at the customer",),
            y=("CPU µs/event",),
            label="CPU µs per event",
            log=True,
        ),
    ),
)
