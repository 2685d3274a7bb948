"""Convert an identifier from the command line into the form that the pipeline stores."""

import click

from pipeline.adapters.secret import secret_key
from pipeline.cli.context import Context
from pipeline.events.identifiers import IdentifierRules
from pipeline.events.pseudonym import Pseudonymiser, is_pseudonym
from pipeline.events.rejection import Rejection


def stored_identifier(context: Context, text: str) -> str:
    """`namespace:value` normalised and, where the namespace is personal, replaced by its pseudonym.

    Raises:
        click.UsageError: The namespace is unknown, or no event could carry the value.
    """
    settings = context.settings
    namespace, colon, raw = text.partition(":")
    known = sorted(settings.identity.namespaces)
    if not colon or namespace not in settings.identity.namespaces:
        raise click.UsageError(f"{text!r} is not NAMESPACE:VALUE with a known namespace: {', '.join(known)}")
    value = IdentifierRules(settings.identity, settings.intake).value(namespace, raw)
    if isinstance(value, Rejection):
        raise click.UsageError(value.detail)
    if not value:
        raise click.UsageError(f"{text!r} has a value that counts as missing (setting intake.nullish)")
    if namespace in settings.intake.pseudonymise and not is_pseudonym(value):  # unless it was copied from a table
        value = Pseudonymiser(secret_key(settings, context.data), settings.intake.pseudonymise).identifier(
            namespace, value
        )
    return f"{namespace}:{value}"
