"""`touchline simulate`: days of a simulated retailer as NDJSON, with the truth about who is who beside them."""

from datetime import datetime
from typing import BinaryIO

import click
import orjson

from pipeline.adapters.clock import wall_clock
from pipeline.cli.console import say, waiting
from pipeline.cli.interruption import telling
from pipeline.cli.moment import Moment
from pipeline.cli.parameters import Number
from pipeline.simulator.event import SimulatedEvent
from pipeline.simulator.policy import Disorder, RetailerPolicy
from pipeline.simulator.shapes import DAY, MINUTE
from pipeline.simulator.simulate import simulate as simulated

MOST_DAYS = 3_650
FIRST_YEAR, LAST_YEAR = 1900, 2299
"""The years that ClickHouse can store."""


@click.command(epilog="For example: touchline simulate --people 500 | touchline emit")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people and the same days.")
@click.option("--people", default=1_000, show_default=True, type=click.IntRange(min=1), help="Size of the population.")
@click.option("--days", default=1.0, show_default=True, type=Number(0, MOST_DAYS, min_open=True), help="How many days.")
@click.option("--start", type=Moment(), help="When it begins: 2026-03-01, or 7d ago. [default: so that it ends now]")
@click.option(
    "--truth", type=click.File("wb", lazy=False), help="File for the truth: the real person behind each event id."
)
@click.option("--late", default=0.0, show_default=True, type=Number(0, 1), help="Share of events that arrive late.")
@click.option("--doubled", default=0.0, show_default=True, type=Number(0, 1), help="Share of events that come twice.")
def simulate(
    seed: int, people: int, days: float, start: datetime | None, truth: BinaryIO | None, late: float, doubled: float
) -> None:
    """Write days of a mid-size retailer's touchpoints to stdout, in order of arrival."""
    if start and not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise click.BadParameter(f"a time from {FIRST_YEAR} to {LAST_YEAR} is expected", param_hint="--start")
    duration = int(days * DAY)
    begin = int(start.timestamp() * 1000) if start else _ending_now(duration)
    policy = RetailerPolicy(disorder=Disorder(late_share=late, doubled_share=doubled))
    count = 0
    output = click.get_binary_stream("stdout")
    with telling(lambda: f"{count:,} events were written"), waiting(f"simulating {people:,} people") as status:
        for event in simulated(seed, people, begin, duration, policy):
            _write(event, output, truth)
            count += 1
            if count % 5_000 == 0:
                status.update(f"simulating {people:,} people: {count:,} events")
    say(f"{count:,} events of {people:,} people")


def _write(simulated_event: SimulatedEvent, output: BinaryIO, truth: BinaryIO | None) -> None:
    event = simulated_event.event
    output.write(orjson.dumps(event) + b"\n")
    if truth is not None:
        line = {"source": event["source"], "id": event["id"], "person": simulated_event.person}
        truth.write(orjson.dumps(line) + b"\n")


def _ending_now(duration: int) -> int:
    now = wall_clock()
    return now - now % MINUTE - duration
