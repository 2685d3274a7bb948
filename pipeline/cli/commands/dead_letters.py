"""`touchline dead-letters`: what was rejected, and sending it again."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import BinaryIO

import click
import msgspec
from rich.table import Column, Table

from pipeline.adapters.clickhouse.letter_choice import LetterChoice
from pipeline.adapters.clickhouse.letters import LetterRow, ReasonRow, letters, mark_replayed, reasons, whole_letters
from pipeline.cli.choosing import choosing, named
from pipeline.cli.console import data_table, say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.emission import Refused
from pipeline.cli.errors import CommandError
from pipeline.cli.event_types import load_catalogue
from pipeline.cli.failures import Failures
from pipeline.cli.interruption import telling
from pipeline.cli.letter_text import letter_json, letter_lines, moment, state_word
from pipeline.cli.mending import Mend, parse_assignment, parse_path
from pipeline.cli.reading import reader, writer
from pipeline.cli.replaying import NotSent, Preparation, send_again
from pipeline.cli.shown import printable
from pipeline.events.intake import Intake
from pipeline.events.replay import Replay

SHOWN_AT_ONCE = 20
SHOW = "`touchline dead-letters show ID` says what to do."
CHECKED_HERE = "If the workers have other event types or settings than this command, --unchecked leaves it to them."


@click.group("dead-letters")
def dead_letters() -> None:
    """What was rejected and why: list it, look at one, send it again after a fix.

    A letter is one rejected event or message. It waits until it is sent again without being rejected again. ID is what
    `list` shows, or its beginning, or a position such as touchpoints.web/2@1234, as `touchline tail --rejected` shows.
    """


@dead_letters.command("list", short_help="Count what waits, and list the latest.")
@choosing
@click.option("--all", "all_", is_flag=True, help="Also those that were sent again.")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Letters to list.")
@click.option("--json", "as_json", is_flag=True, help="The letters as JSON, one per line, without payloads.")
@pass_context
def list_(context: Context, choice: LetterChoice, all_: bool, limit: int, as_json: bool) -> None:
    """Count the letters that wait, by reason and type, then list the latest."""
    if not all_:
        choice = msgspec.structs.replace(choice, replayed=False)
    with waiting("reading dead letters", only_on_a_terminal=True), reader(context) as client:
        counted = [] if as_json else reasons(client, choice)
        found = letters(client, choice, limit)
    if as_json:
        for letter in found:
            click.echo(letter_json(letter))
    elif counted:
        _list(counted, found)
    else:
        say("no dead letters" if all_ else "no dead letters wait")


def _list(counted: Sequence[ReasonRow], found: Sequence[LetterRow]) -> None:
    data_table(_reasons(counted))
    if found:
        click.echo()
        data_table(_letters(found))
    left_out = sum(row.letters for row in counted) - len(found)
    if left_out:
        say(f"{left_out:,} more are not listed; --limit lists more, and --reason, --type, --since narrow it down")


@dead_letters.command(short_help="Show letters whole, and what to do about them.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--raw", is_flag=True, help="Only the payload, byte by byte as it was sent, to stdout.")
@pass_context
def show(context: Context, ids: tuple[str, ...], raw: bool) -> None:
    """Show letters whole: where each came from, why it was rejected, what to do, and what was sent.

    Control characters are shown as escapes, and identifiers that the pipeline pseudonymises are masked; --raw gives
    everything, for a file: `touchline dead-letters show --raw ID > event.json`.
    """
    with waiting("reading dead letters", only_on_a_terminal=True), reader(context) as client:
        found = list(chain.from_iterable(whole_letters(client, named(LetterChoice(), ids))))
    if not found:
        raise CommandError(
            f"no dead letter is named {' or '.join(ids)}", "`touchline dead-letters list --all` lists them."
        )
    if raw:
        if len(found) > 1:
            raise CommandError(f"{len(found)} letters match: {_ids(found)}", "Name one of them by its whole id.")
        click.get_binary_stream("stdout").write(found[0].payload)
        return
    hidden = frozenset(context.settings.intake.pseudonymise)
    for number, letter in enumerate(found[:SHOWN_AT_ONCE]):
        click.echo("\n".join([*([""] if number else []), *letter_lines(letter, hidden)]))
    if len(found) > SHOWN_AT_ONCE:
        say(f"{len(found) - SHOWN_AT_ONCE:,} more letters match and are not shown")


@dead_letters.command(
    short_help="Send letters again after a fix.",
    epilog="For example: touchline dead-letters replay --reason unknown_type --since 2d, after a schema was added;"
    " or touchline dead-letters replay 3fa9c1 --set data.amount=12.5",
)
@click.argument("ids", metavar="[ID]...", nargs=-1)
@choosing
@click.option("--everything", is_flag=True, help="All that wait. Needed if neither IDs nor filters are given.")
@click.option("--again", is_flag=True, help="Also letters that were sent again before, which does no harm.")
@click.option("--set", "fields", metavar="FIELD=VALUE", multiple=True, help="Set a field first, e.g. data.amount=12.5.")
@click.option("--unset", metavar="FIELD", multiple=True, help="Remove a field first.")
@click.option("--with", "file", type=click.File("rb"), help="Send this file in place of the payload; for one letter.")
@click.option("--unchecked", is_flag=True, help="Send also what this machine's catalogue and settings would reject.")
@click.option("--dry-run", is_flag=True, help="Send nothing: print what would be sent, one message per line.")
@pass_context
def replay(
    context: Context,
    ids: tuple[str, ...],
    choice: LetterChoice,
    everything: bool,
    again: bool,
    fields: tuple[str, ...],
    unset: tuple[str, ...],
    file: BinaryIO | None,
    unchecked: bool,
    dry_run: bool,
) -> None:
    """Send letters again, after a fix to the catalogue, the settings or the letters themselves.

    Each is checked first with the event types and settings of this command; one that would be rejected again is not
    sent. An event counts once, however often it is sent. One without a time gets the time when it was first received. A
    letter that is rejected again keeps its id.
    """
    if not ids and choice == LetterChoice() and not everything:
        raise click.UsageError("no letters chosen: give IDs, filters such as --reason and --since, or --everything")
    chosen = msgspec.structs.replace(named(choice, ids), replayed=None if again or ids else False)
    preparation = Preparation(_mend(fields, unset, file), None if unchecked else _intake(context))
    if file is not None:
        _require_one(context, chosen)
    failures = Failures()

    def not_sent(letter: LetterRow, reason: str) -> None:
        failures.add(f"{letter.id} {letter.position}", reason)

    sent = (_print if dry_run else _send)(context, chosen, preparation, not_sent)
    say(f"{sent:,} {'would be sent' if dry_run else 'sent'} again, {failures.count:,} not")
    if sent and not dry_run:
        say("To see whether the workers accept them now: `touchline settle`, then `touchline dead-letters list`.")
    if failures.count:
        raise CommandError(f"{failures.count:,} still wait", SHOW if unchecked else f"{SHOW} {CHECKED_HERE}")
    if not sent:
        raise CommandError("no matching dead letter waits", "`touchline dead-letters list --all` lists them.")


def _send(context: Context, choice: LetterChoice, preparation: Preparation, not_sent: NotSent) -> int:
    marked = 0
    with (
        telling(lambda: f"{marked:,} letters were sent again; perhaps a few more, which are still listed as waiting"),
        waiting("sending again"),
        reader(context) as client,
        writer(context) as marker,
    ):

        def mark(replays: Sequence[Replay], now: datetime) -> None:
            nonlocal marked
            mark_replayed(marker, replays, now)
            marked += len(replays)

        return send_again(whole_letters(client, choice), preparation, context.broker_servers, mark, not_sent)


def _print(context: Context, choice: LetterChoice, preparation: Preparation, not_sent: NotSent) -> int:
    output, count = click.get_binary_stream("stdout"), 0
    with reader(context) as client:
        for letter in chain.from_iterable(whole_letters(client, choice)):
            prepared = preparation.prepare(letter)
            if isinstance(prepared, Refused):
                not_sent(letter, prepared.reason)
            else:
                output.write(prepared.message.replace(b"\n", b" ") + b"\n")
                count += 1
    output.flush()
    return count


def _require_one(context: Context, choice: LetterChoice) -> None:
    with reader(context) as client:
        found = letters(client, choice, 2)
    if len(found) > 1:
        raise click.UsageError(f"--with is for one letter, and more match: {_ids(found)}, ...")


def _mend(fields: tuple[str, ...], unset: tuple[str, ...], file: BinaryIO | None) -> Mend:
    try:
        assignments = [parse_assignment(field) for field in fields]
        removals = [parse_path(field) for field in unset]
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return Mend(None if file is None else file.read(), assignments, removals)


def _intake(context: Context) -> Intake:
    settings = context.settings
    # nothing of it leaves this process, so any secret will do to learn what the workers would say
    return Intake(load_catalogue(settings), settings.identity, settings.intake, b"only to check")


def _ids(found: Sequence[LetterRow]) -> str:
    return ", ".join(letter.id for letter in found[:SHOWN_AT_ONCE])


def _reasons(rows: Sequence[ReasonRow]) -> Table:
    table = Table("reason", "type", "letters", "last", "for example", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row.reason, printable(row.type) or "-", f"{row.letters:,}", moment(row.last), printable(row.example)
        )
    return table


def _letters(rows: Sequence[LetterRow]) -> Table:
    whole = Column("id", no_wrap=True)  # to be pasted into `show` and `replay`
    table = Table(whole, "received", "reason", "type", "from", "state", box=None, pad_edge=False)
    for row in rows:
        kind = printable(row.type) or "-"
        table.add_row(row.id, moment(row.received_at), row.reason, kind, row.position, state_word(row))
    return table
