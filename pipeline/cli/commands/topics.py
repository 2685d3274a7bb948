"""`touchline topics`: creating and checking the Kafka topics."""

import click
from rich.table import Table

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.topics import TopicState, check_topics, ensure_topics
from pipeline.cli.console import data_table, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError


@click.command()
@click.option("--check", is_flag=True, help="Only look; create nothing.")
@pass_context
def topics(context: Context, check: bool) -> None:
    """Create the topics that are missing and check those that are there."""
    with waiting("asking the broker", only_on_a_terminal=True), BrokerAdmin(context.broker_servers) as admin:
        states = (check_topics if check else ensure_topics)(admin, context.settings.topics)
    _show(states)
    problems = [state.problem for state in states if state.problem]
    if problems:
        raise CommandError(f"{len(problems)} of {len(states)} topics are not as they should be", "\n  ".join(problems))


def _show(states: list[TopicState]) -> None:
    table = Table("topic", "partitions", "state", box=None, pad_edge=False)
    for state in states:
        found = "-" if state.found is None else str(state.found)
        word = "created" if state.created else "ok" if state.fits else "missing" if state.found is None else "differs"
        table.add_row(state.plan.name, found, word)
    data_table(table)
