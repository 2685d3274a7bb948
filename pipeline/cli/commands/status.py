"""`touchline status`: the health of every part."""

import time

import click
import msgspec
from rich.table import Table

from pipeline.cli.console import data_table, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.health import Health, Part, gather_health


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Show lag, last events, dead letters, and whether every part answers.

    Exit status 1 if a part does not answer. Lag is in messages; a message of `touchline emit` holds many events.
    With a broker of your own (`broker`) and no stack here, workers are not asked, as they may be anywhere: lag that
    does not shrink is a sign that none run.
    """
    with waiting("asking every part", only_on_a_terminal=True):
        health = gather_health(context)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(health)).decode())
    else:
        _show(health)
    if not health.healthy:
        raise CommandError("not every part is ready", "Start the stack with `touchline up`; `touchline doctor` checks.")


def _show(health: Health) -> None:
    for table in (_parts(health), _lag(health), _sources(health), _dead_letters(health)):
        if table.row_count:
            data_table(table)
            click.echo()
    if (oldest := health.oldest_unprocessed) is not None:
        click.echo(f"oldest unprocessed: {_ago(oldest.sent_at)}, in {oldest.topic}/{oldest.partition}")


def _parts(health: Health) -> Table:
    table = Table("part", "address", "state", box=None, pad_edge=False)
    named: list[tuple[str, Part]] = [("broker", health.broker), ("clickhouse", health.clickhouse)]
    named += [(f"worker {index}", part) for index, part in enumerate(health.workers)]
    named += [("collector", health.collector)] if health.collector else []
    for name, part in named:
        style = None if part.reachable else "red"
        table.add_row(name, part.address, "ok" if part.reachable else part.problem, style=style)
    return table


def _lag(health: Health) -> Table:
    table = Table("topic", "behind", "by partition", box=None, pad_edge=False)
    for topic in dict.fromkeys(lag.topic for lag in health.lag):
        lags = [lag.behind for lag in health.lag if lag.topic == topic]
        table.add_row(topic, f"{sum(lags):,}", " ".join(str(lag) for lag in lags))
    return table


def _sources(health: Health) -> Table:
    table = Table("source", "last received", "its event time", box=None, pad_edge=False)
    for source in health.sources:
        table.add_row(source.source, _ago(source.last_received_at), _ago(source.last_event_time))
    return table


def _dead_letters(health: Health) -> Table:
    table = Table("dead letters", "count", box=None, pad_edge=False)
    for reason, count in health.dead_letters.items():
        table.add_row(reason, f"{count:,}")
    return table


def _ago(milliseconds: int) -> str:
    """How long ago a moment was, in its two largest units."""
    seconds = int(time.time() - milliseconds / 1000)
    if seconds < 0:
        return "in the future"
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h ago"
    if hours:
        return f"{hours} h {minutes} min ago"
    return f"{minutes} min {seconds % 60} s ago" if minutes else f"{seconds} s ago"
