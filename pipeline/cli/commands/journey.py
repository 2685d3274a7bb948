"""`touchline journey`: a customer's timeline."""

import click
from rich.console import Console

from pipeline.adapters.clickhouse.reading import (
    Belonging,
    belongings,
    customers_touched,
    frictions_of,
    journeys_of,
)
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.identifier import stored_identifier
from pipeline.cli.reading import reader
from pipeline.cli.timeline import journey_lines


@click.command(epilog="For example: touchline journey customer_id:42, or touchline journey email:anna@example.com")
@click.argument("identifier", metavar="NAMESPACE:VALUE")
@click.option("--steps", type=click.IntRange(min=4), default=60, show_default=True, help="Most lines per journey.")
@pass_context
def journey(context: Context, identifier: str, steps: int) -> None:
    """Show the timeline of the customer that an identifier belongs to, with frictions marked. Times are UTC."""
    stored = stored_identifier(context, identifier)
    with waiting("looking for the customer"), reader(context) as client:
        periods = belongings(client, stored)
        customers = list(dict.fromkeys([*(period.customer for period in periods), *customers_touched(client, stored)]))
        found = journeys_of(client, customers) if customers else []
        frictions = frictions_of(client, customers) if customers else []
    if not found:
        raise CommandError(
            f"there is no journey with {identifier}",
            "Events that were sent a moment ago may be on their way: try `touchline settle`, then again.",
        )
    for line in _whose(identifier, stored, periods):
        say(line, style="dim")
    console = Console(highlight=False)
    for row in found:
        console.print()
        for text in journey_lines(row, [one for one in frictions if one.journey_id == row.journey_id], steps):
            console.print(text, soft_wrap=True)


def _whose(given: str, stored: str, periods: list[Belonging]) -> list[str]:
    """In words, whose journeys are shown."""
    lines = [f"{given} is stored as {stored}"] if given != stored else []
    for period in periods:
        since = f" from {period.valid_from:%Y-%m-%d %H:%M}" if period.valid_from else ""
        until = f" until {period.valid_to:%Y-%m-%d %H:%M}" if period.valid_to else ""
        whom = "is a customer of its own" if period.customer == stored else f"belongs to {period.customer}"
        lines.append(f"{stored} {whom}{since}{until}{' (shared by too many)' if period.shared else ''}")
    return lines
