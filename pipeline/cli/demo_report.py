"""What the demo found, as a page in the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.reading import frictions_of, journeys_of
from pipeline.cli.timeline import SEVERITY_STYLES, journey_lines

CROSS_CHANNEL = (
    "digital_to_support",
    "where_is_my_order",
    "stockout_to_web",
    "unresolved_to_review",
    "channel_pingpong",
)
TOP_FRICTIONS = 8
JOURNEY_LINES = 30


def stored_counts(client: Client) -> tuple[int, int, int]:
    """How many touchpoints, journeys and frictions are stored so far."""
    (row,) = _rows(
        client,
        "SELECT (SELECT count() FROM touchpoints), (SELECT count() FROM journey_summaries),"
        " (SELECT count() FROM frictions)",
    )
    return row[0], row[1], row[2]


def show_findings(client: Client, truth: Mapping[tuple[str, str], str], console: Console) -> list[str]:
    """Print totals, how well people were recognised, the frictions and one journey in full, without mystery shoppers.

    Returns the customer of that journey and another identifier of theirs, as far as there are any.
    """
    _show_totals(client, truth, console)
    _show_frictions(client, console)
    _show_between_channels(client, console)
    return [identifier for customer in _show_one_journey(client, console) for identifier in _named(client, customer)]


def _show_totals(client: Client, truth: Mapping[tuple[str, str], str], console: Console) -> None:
    (totals,) = _rows(client, "SELECT count(), uniqExact(journey_id) FROM touchpoints WHERE NOT probe")
    outcomes = _rows(
        client, "SELECT outcome, count() AS n FROM journey_summaries WHERE NOT probe GROUP BY outcome ORDER BY n DESC"
    )
    (mixed,) = _rows(
        client,
        "SELECT count() FROM journey_summaries WHERE NOT probe AND length(channels) >= 2 AND has(sources, 'web')"
        " AND hasAny(sources, ['store', 'support', 'delivery'])",
    )
    people, recognised = _recognised(client, truth)
    console.print("\n[bold]What Touchline found[/]\n")
    console.print(f"  {totals[0]:,} touchpoints of {people:,} people, in {totals[1]:,} journeys; no mystery shoppers")
    counts = " · ".join(f"{name} {count:,}" for name, count in outcomes)
    console.print(Padding.indent(f"outcomes: {counts}", 2))
    console.print(f"  {mixed[0]:,} journeys cross from online to delivery, store or support")
    console.print(f"  {recognised:.1%} of the touchpoints belong to a customer who is one real person\n")


def _recognised(client: Client, truth: Mapping[tuple[str, str], str]) -> tuple[int, float]:
    """By the simulator's truth: the number of people, and the share of touchpoints whose customer is one person."""
    people: dict[str, set[str]] = {}
    events: dict[str, int] = {}
    asked = "SELECT customer, event_source, event_id FROM touchpoints WHERE NOT probe"
    for customer, source, event_id in _rows(client, asked):
        people.setdefault(customer, set()).add(truth[source, event_id])
        events[customer] = events.get(customer, 0) + 1
    alone = sum(count for customer, count in events.items() if len(people[customer]) == 1)
    return len(set().union(*people.values())), alone / max(1, sum(events.values()))


def _show_frictions(client: Client, console: Console) -> None:
    table = Table("friction", "owner", "touchpoint", "times", "customers", box=None, padding=(0, 1), pad_edge=False)
    for column in (3, 4):
        table.columns[column].justify = "right"
    rows = _rows(
        client,
        "SELECT kind, max(severity) AS worst, topK(1)(owner)[1], topK(1)(touchpoint)[1], count() AS n,"
        " uniqExact(customer) FROM frictions WHERE NOT probe GROUP BY kind ORDER BY sum(severity) DESC, kind"
        " LIMIT {limit:UInt8}",
        {"limit": TOP_FRICTIONS},
    )
    for kind, worst, owner, touchpoint, count, customers in rows:
        table.add_row(f"[{SEVERITY_STYLES[worst]}]{kind}[/]", owner, touchpoint, f"{count:,}", f"{customers:,}")
    console.print("[bold]Friction that costs most[/], with the department that owns it\n")
    console.print(Padding.indent(table, 2))


def _show_between_channels(client: Client, console: Console) -> None:
    rows = _rows(
        client,
        "SELECT kind, count() AS n FROM frictions WHERE kind IN {kinds:Array(String)} AND NOT probe"
        " GROUP BY kind ORDER BY n DESC, kind",
        {"kinds": list(CROSS_CHANNEL)},
    )
    if rows:
        found = " · ".join(f"{kind} {count:,}" for kind, count in rows)
        console.print("\n[bold]Between channels[/], where one department's step undoes another's\n")
        console.print(Padding.indent(found, 2))


def _show_one_journey(client: Client, console: Console) -> list[str]:
    """Show the journey with most friction of those that cross channels and fit on a screen; returns its customer."""
    rows = _rows(
        client,
        "SELECT customer, journey_id FROM journey_summaries WHERE NOT probe AND events BETWEEN 6 AND 28"
        " AND length(sources) >= 2 ORDER BY friction_score + 3 * length(sources) DESC, journey_id LIMIT 1",
    )
    for customer, journey_id in rows:
        console.print(f"\n[bold]One customer's journey[/]  touchline journey {customer}\n")
        frictions = [one for one in frictions_of(client, [customer]) if one.journey_id == journey_id]
        for journey in journeys_of(client, [customer]):
            if journey.journey_id == journey_id:
                for line in journey_lines(journey, frictions, JOURNEY_LINES):
                    console.print(line, soft_wrap=True)
    return [customer for customer, _ in rows]


def _named(client: Client, customer: str) -> list[str]:
    """A customer, and the first other identifier that belongs to it."""
    rows = _rows(
        client,
        "SELECT identifier FROM identities WHERE customer = {customer:String} AND identifier != customer"
        " ORDER BY namespace = 'order_id' DESC, identifier LIMIT 1",
        {"customer": customer},
    )
    return [customer, *(identifier for (identifier,) in rows)]


def _rows(client: Client, query: str, parameters: dict[str, object] | None = None) -> Sequence[Sequence[Any]]:
    with store_errors():
        return client.query(query, parameters=parameters).result_rows
