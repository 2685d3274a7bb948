"""The options that select dead letters."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

import click
import msgspec

from pipeline.adapters.clickhouse.letter_choice import LetterChoice, LetterName
from pipeline.catalogue.topics import raw_topic
from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.cli.moment import EXAMPLES, Moment
from pipeline.events.dead_letter import Reason

R = TypeVar("R")

_OPTIONS = (
    click.option(
        "--reason", type=click.Choice([each.value for each in Reason]), multiple=True, help="Only this reason."
    ),
    click.option("--family", type=click.Choice(FAMILIES), multiple=True, help="Only from this family's topic."),
    click.option("--type", "type_", metavar="TYPE", multiple=True, help="Only of this event type, as it was sent."),
    click.option("--since", type=Moment(), help=f"Received at this time or later: {EXAMPLES}. Times are UTC."),
    click.option("--until", type=Moment(), help="Received before this time."),
)


def choosing(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command these options, and their selection as its argument `choice`."""

    @wraps(command)
    def with_choice(
        *args: object,
        reason: tuple[str, ...],
        family: tuple[str, ...],
        type_: tuple[str, ...],
        since: datetime | None,
        until: datetime | None,
        **others: object,
    ) -> R:
        topics = tuple(raw_topic(name) for name in family)
        choice = LetterChoice(reasons=reason, topics=topics, types=type_, since=since, until=until)
        return command(*args, choice=choice, **others)

    wrapped: Callable[..., R] = with_choice
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def named(choice: LetterChoice, names: tuple[str, ...]) -> LetterChoice:
    """The choice, limited to the named letters.

    Raises:
        click.UsageError: A name is neither an id nor a position.
    """
    try:
        return msgspec.structs.replace(choice, names=tuple(LetterName.parse(name) for name in names))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
