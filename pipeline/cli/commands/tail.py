"""`touchline tail`: live events or rejections."""

from itertools import islice

import click

from pipeline.adapters.broker.watching import watch
from pipeline.catalogue.topics import DEAD_LETTER_TOPIC, RAW_TOPICS, raw_topic
from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.cli.console import say
from pipeline.cli.context import Context, pass_context
from pipeline.cli.interruption import telling
from pipeline.cli.lines import event_lines, rejection_lines


@click.command()
@click.option("--rejected", is_flag=True, help="Rejections with their reasons instead of events.")
@click.option("--family", type=click.Choice(FAMILIES), multiple=True, help="Only these source families.")
@click.option("--from-start", is_flag=True, help="Begin with what the broker still holds.")
@click.option("--limit", type=click.IntRange(min=1), help="End after this many lines.")
@click.option("--json", "as_json", is_flag=True, help="The whole event or rejection as JSON, one per line.")
@pass_context
def tail(
    context: Context, rejected: bool, family: tuple[str, ...], from_start: bool, limit: int | None, as_json: bool
) -> None:
    """Watch events as they are sent, or rejections as they happen, until Ctrl-C."""
    if rejected and family:
        raise click.UsageError("--family narrows events; rejections have one topic")
    topics = [DEAD_LETTER_TOPIC] if rejected else [raw_topic(name) for name in family] or list(RAW_TOPICS)
    hidden = frozenset(context.settings.intake.pseudonymise)
    say(f"watching {', '.join(topics)}; Ctrl-C ends")
    lines = (
        line
        for record in watch(context.broker_servers, topics, from_start)
        for line in (rejection_lines(record, as_json) if rejected else event_lines(record, as_json, hidden))
    )
    shown = 0
    with telling(lambda: f"{shown:,} lines were shown"):
        for line in islice(lines, limit):
            click.echo(line)
            shown += 1
