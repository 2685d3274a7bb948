"""`touchline why`: an identity explained."""

import click

from pipeline.adapters.clickhouse.loading import load_mailboxes
from pipeline.adapters.clickhouse.reading import belongings
from pipeline.cli.console import waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.identifier import stored_identifier
from pipeline.cli.reading import reader
from pipeline.cli.reasons import comparison_lines, identity_lines
from pipeline.identity.explain import compare, explain
from pipeline.identity.mailbox import Mailbox, decode_state
from pipeline.identity.policy import UnknownNamespaceError


@click.command(epilog="For example: touchline why order_id:42, or touchline why email:anna@example.com customer_id:42")
@click.argument("first", metavar="NAMESPACE:VALUE")
@click.argument("second", metavar="[NAMESPACE:VALUE]", required=False)
@pass_context
def why(context: Context, first: str, second: str | None) -> None:
    """Explain an identity: its links and its customer over time; of two, why they are or are not one customer.

    Times are UTC. Times of links are rounded down to the link resolution.
    """
    policy = context.settings.identity
    asked = [stored_identifier(context, text) for text in (first, second) if text is not None]
    with waiting("reading mailboxes"), reader(context) as client:
        known: dict[str, Mailbox] = {}

        def lookup(identifier: str) -> Mailbox:
            if identifier not in known:
                stored = load_mailboxes(client, [identifier]).get(identifier)
                known[identifier] = decode_state(identifier, stored.state if stored else b"")
            return known[identifier]

        for text, stored in zip((first, second), asked, strict=False):
            if not lookup(stored).links and not belongings(client, stored):
                raise CommandError(f"{text} was never seen", "Is it spelt as the source system spells it?")
        try:
            if second is None:
                lines = list(identity_lines(explain(asked[0], lookup, policy), first))
            else:
                lines = list(comparison_lines(compare(asked[0], asked[1], lookup, policy), first, second))
        except UnknownNamespaceError as error:
            raise CommandError(
                f"its links lead to namespaces that are not in the settings: {', '.join(error.names)}",
                "Give the command the workers' settings: --config FILE, or TOUCHLINE_CONFIG.",
            ) from error
    click.echo("\n".join(lines))
