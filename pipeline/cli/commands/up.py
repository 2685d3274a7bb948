"""`touchline up`: the whole stack in the foreground."""

from pathlib import Path

import click

from pipeline.adapters.stack.stack import Stack
from pipeline.adapters.stack.state import StackState
from pipeline.cli.console import say
from pipeline.cli.context import Context, pass_context
from pipeline.cli.stack import announce, run, stack_plan


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Directory of the stack's data.")
@click.option("--workers", type=int, help="Worker processes.  [default: 1]")
@click.option("--broker", help="A Kafka cluster, host:port[,host:port], instead of the embedded broker.")
@click.option(
    "--clickhouse",
    help="A ClickHouse server, http://user:password@host:8123/touchline, instead of the embedded one.",
)
@pass_context
def up(context: Context, data: Path | None, workers: int | None, broker: str | None, clickhouse: str | None) -> None:
    """Run the whole stack in the foreground: broker, ClickHouse and workers.

    Without addresses it brings its own broker and ClickHouse endpoint, and keeps their data in the data directory
    (~/.local/share/touchline). On Ctrl-C it accepts nothing more, stores everything that was accepted, and stops. A
    second Ctrl-C stops it at once.
    """
    context.override(data=str(data.absolute()) if data else None, workers=workers, broker=broker, clickhouse=clickhouse)
    plan = stack_plan(context)

    async def announced(stack: Stack, state: StackState) -> bool:
        announce(plan)
        return True

    say("starting Touchline")
    run(plan, announced)
    say(
        "stopped; everything that was accepted is stored"
        if plan.embedded_broker
        else "stopped; the broker keeps the rest"
    )
