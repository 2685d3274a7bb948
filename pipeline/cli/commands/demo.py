"""`touchline demo`: a day of a retailer through the whole stack."""

import asyncio
import shlex
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import click
import orjson

from pipeline.adapters.broker.addresses import bootstrap_servers
from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clock import wall_clock
from pipeline.adapters.secret import FILE_NAME as SECRET_FILE
from pipeline.adapters.stack.background import in_background
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.ports import TAKEN, free_port, hindrance
from pipeline.adapters.stack.stack import Stack
from pipeline.adapters.stack.state import LOCK_FILE, StackState, holder, is_in_use
from pipeline.catalogue.topics import raw_topic_of
from pipeline.cli.console import human, say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.demo_report import show_findings, stored_counts
from pipeline.cli.errors import CommandError
from pipeline.cli.stack import announce, run, stack_plan
from pipeline.simulator.event import SimulatedEvent
from pipeline.simulator.shapes import DAY, MINUTE
from pipeline.simulator.simulate import simulate

SETTLE_SECONDS = 300.0
LOOK_SECONDS = 1.0


@click.command()
@click.option("--people", default=600, show_default=True, type=click.IntRange(min=10), help="Size of the population.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same day.")
@click.option("--exit", "leave", is_flag=True, help="Stop when done instead of serving on.")
@pass_context
def demo(context: Context, people: int, seed: int, leave: bool) -> None:
    """Play the last 24 hours of a simulated retailer through the whole stack, and show what it found.

    It keeps its data in `demo`, a directory inside the data directory; every demo empties `demo` first.
    """
    context.override(data=str(_fresh(context.data / "demo")))
    context.override(**_free_ports(context))
    now = wall_clock()
    with waiting(f"making up a day of {people:,} people"):
        day = list(simulate(seed, people, now - now % MINUTE - DAY))
    plan = stack_plan(context)
    say(f"starting the stack: broker, ClickHouse and {context.settings.workers} worker(s)")

    async def play(stack: Stack, state: StackState) -> bool:
        examples = await _play(plan, day, context.settings.group)
        if not leave:
            announce(plan)
            _say_where_next(plan.data, examples)
        return not leave

    run(plan, play)
    say("stopped; the next demo starts afresh")


def _fresh(directory: Path) -> Path:
    """Remove what an earlier demo left; fails if a demo still runs there, or if the files there are not a demo's."""
    if is_in_use(directory):
        raise CommandError(
            f"a demo is running already, on {directory}{holder(directory)}",
            f"Look at it with TOUCHLINE_DATA={shlex.quote(str(directory))}, or stop it with Ctrl-C where it runs.",
        )
    if directory.is_dir() and not (directory / LOCK_FILE).exists():
        strange = sorted({entry.name for entry in directory.iterdir()} - {SECRET_FILE})
        if strange:
            raise CommandError(
                f"{directory} holds files that no demo made, such as {strange[0]!r}, and a demo would remove them",
                "Move them elsewhere, or name another data directory with TOUCHLINE_DATA.",
            )
    shutil.rmtree(directory, ignore_errors=True)
    return directory


def _free_ports(context: Context) -> dict[str, object]:
    """The configured ports where they are free, others where they are not."""
    settings = context.settings
    embedded, collector = settings.embedded, settings.collector
    taken = [embedded.broker_port, embedded.clickhouse_port, collector.port, settings.web_port]

    def choose(host: str, port: int) -> int:
        if hindrance(host, port) == TAKEN:
            port = free_port(host, taken)
            taken.append(port)
        return port

    return {
        "embedded": {
            "broker_port": choose(embedded.host, embedded.broker_port),
            "clickhouse_port": choose(embedded.host, embedded.clickhouse_port),
        },
        "web_port": choose(settings.web_host, settings.web_port),
        "collector": {"port": choose(collector.host, collector.port)},
    }


async def _play(plan: StackPlan, day: list[SimulatedEvent], group: str) -> list[str]:
    """Send the day, wait until it is stored, and show what was found; returns identifiers of one customer."""
    began = time.monotonic()
    client = await in_background(lambda: connect(plan.clickhouse))
    servers = bootstrap_servers(plan.broker)
    with waiting(f"sending {len(day):,} touchpoints") as status:
        looking = asyncio.create_task(_look(lambda: stored_counts(client), len(day), status.update))
        await in_background(lambda: _send(servers, day))
        await in_background(lambda: settle(servers, group, SETTLE_SECONDS))
        looking.cancel()
    say(f"{len(day):,} touchpoints sent, stitched and stored in {time.monotonic() - began:.1f} s")
    truth = {(str(one.event["source"]), str(one.event["id"])): one.person for one in day}
    return await in_background(lambda: show_findings(client, truth, human()))


def _send(servers: list[str], day: list[SimulatedEvent]) -> None:
    with EventProducer(servers) as producer:
        for one in day:
            producer.send(raw_topic_of(str(one.event["type"])), orjson.dumps(one.event))
    if producer.failed:
        raise CommandError(f"the broker did not take {producer.failed:,} events")


async def _look(count: Callable[[], tuple[int, int, int]], sent: int, update: Callable[[str], None]) -> None:
    """Show every second how much is stored so far."""
    while True:
        touchpoints, journeys, frictions = await in_background(count)
        update(f"{touchpoints:,} of {sent:,} touchpoints stored · {journeys:,} journeys · {frictions:,} frictions")
        await asyncio.sleep(LOOK_SECONDS)


def _say_where_next(data: Path, examples: list[str]) -> None:
    """Commands to paste; `examples` are identifiers of one customer, the strongest first."""
    say("Look around from another terminal (.venv/bin/touchline in a checkout), after")
    say(f"  export TOUCHLINE_DATA={shlex.quote(str(data))}")
    about_one = [
        (f"touchline journey {examples[0]}", "a customer's timeline"),
        (f"touchline why {' '.join(reversed(examples))}", "why they are one customer"),
    ]
    for command, what in (
        ("touchline query 'SELECT kind, owner, count() FROM frictions GROUP BY ALL'", "frictions by owner"),
        *(about_one if examples else ()),
        ("touchline status", "lag, sources, dead letters"),
    ):
        say(f"  {command}  # {what}")
