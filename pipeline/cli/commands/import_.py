"""`touchline import`: another system's export, turned into events by a mapping."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import orjson

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.adapters.clock import wall_clock
from pipeline.adapters.export_files import UnreadableFileError, expand, open_lines, require
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.topics import raw_topic_of
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.event_types import load_catalogue
from pipeline.cli.interruption import sent, telling
from pipeline.cli.silence import tell_silence
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.intake import Intake
from pipeline.events.record import Record
from pipeline.importing.assignment import assign
from pipeline.importing.loading import parse_mapping
from pipeline.importing.mapper import MappedEvent
from pipeline.importing.mapping import Mapping
from pipeline.importing.run import run
from pipeline.importing.section import MappingError, nearest
from pipeline.importing.shipped import shipped_mappings
from pipeline.importing.summary import EXAMPLES, Summary

Sink = Callable[[str, bytes, int], None]
"""Takes an event: topic, bytes, and its number."""


@click.command("import", epilog="For example: touchline import --dry-run --limit 20 crm.toml contacts.csv")
@click.argument("mapping", required=False, type=click.Path())
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--dry-run", is_flag=True, help="Send nothing: print the events to stdout and check each one.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many events.")
@click.option("--list", "list_", is_flag=True, help="List the mappings that come with Touchline.")
@pass_context
def import_(
    context: Context, mapping: str | None, files: tuple[str, ...], dry_run: bool, limit: int | None, list_: bool
) -> None:
    """Turn FILES, a system's CSV or JSON export, into events and send them.

    MAPPING is the name of a mapping that comes with Touchline (--list shows them) or a mapping file of your own;
    pipeline/importing/README.md says how to write one. FILES may be gzipped, or directories. A file's name tells which
    input of the mapping it is; NAME=FILE says so explicitly. Importing the same again changes nothing.
    """
    if list_ or mapping is None:
        return _list(asked=list_)
    try:
        _import(context, mapping, files, dry_run, limit)
    except (MappingError, UnreadableFileError) as error:
        raise click.UsageError(str(error)) from error


def _list(*, asked: bool) -> None:
    if not asked:
        raise click.UsageError("name a mapping, or --list the ones that come with Touchline")
    for name, text in shipped_mappings().items():
        click.echo(f"{name:<16}{parse_mapping(text, name).description}")


def _import(context: Context, name: str, files: tuple[str, ...], dry_run: bool, limit: int | None) -> None:
    catalogue = load_catalogue(context.settings)
    mapping = _load(name, catalogue, context)
    sources = [*mapping.inputs.values(), *mapping.lookups.values()]
    given = expand(files, (source.file for source in sources))
    _require_names(mapping, given)
    require(file for file in given if "=" not in file)
    require(file for found in assign(mapping, given).values() for file in found)
    if dry_run:
        summary, failures = _dry_run(context, catalogue, mapping, given, limit)
    else:
        summary, failures = _send(context, mapping, given, limit)
    for line in summary.lines():
        say(line)
    for failure in failures[:EXAMPLES]:
        say(failure, style="red")
    if summary.failures or failures:
        outcome = "would be rejected" if dry_run else "could not be sent"
        again = "Import the same again once the broker takes events: what it has by now does not count twice."
        remedy = again if failures and not dry_run else ""
        raise CommandError(f"{summary.failures + len(failures):,} {outcome}", remedy)


def _require_names(mapping: Mapping, files: list[str]) -> None:
    """Tell a wrong NAME in NAME=FILE from a missing file; a file's own name may contain a `=`."""
    names = {**mapping.inputs, **mapping.lookups}
    for file in files:
        name, equals, _ = file.partition("=")
        if equals and name not in names and not Path(file).is_file():
            raise MappingError(f"{file}: the mapping '{mapping.name}' reads no '{name}'; {nearest(name, names)}")


def _load(name: str, catalogue: Catalogue, context: Context) -> Mapping:
    shipped = shipped_mappings()
    namespaces = context.settings.identity.namespaces
    if name in shipped:
        return parse_mapping(shipped[name], f"{name}.toml", catalogue.types, namespaces)
    try:
        text = Path(name).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"{name}: a mapping in UTF-8 is expected, found other bytes at {error.start:,}") from error
    except OSError as error:
        known = nearest(name, shipped)
        raise MappingError(f"'{name}' is neither a readable mapping file nor the name of a mapping; {known}") from error
    return parse_mapping(text, name, catalogue.types, namespaces)


def _send(context: Context, mapping: Mapping, files: list[str], limit: int | None) -> tuple[Summary, list[str]]:
    failures: list[str] = []

    def note(failure: SendFailure) -> None:
        failures.append(f"event {failure.position:,} was not sent: {failure.reason}")

    connected: EventProducer | None = None
    with (
        telling(lambda: sent(connected)),
        EventProducer(context.broker_servers, note, on_silence=tell_silence) as producer,
    ):
        connected = producer
        summary = _pour(mapping, files, limit, producer.send)
    return summary, failures


def _dry_run(
    context: Context, catalogue: Catalogue, mapping: Mapping, files: list[str], limit: int | None
) -> tuple[Summary, list[str]]:
    settings, now = context.settings, wall_clock()
    # nothing leaves this process, so any secret will do to learn what the pipeline would say
    intake = Intake(catalogue, settings.identity, settings.intake, b"dry run")
    failures: list[str] = []
    output = click.get_binary_stream("stdout")

    def check(topic: str, event: bytes, number: int) -> None:
        output.write(event + b"\n")
        (outcome,) = intake.take(Record(topic, 0, number, now, event), now)
        if isinstance(outcome, DeadLetter):
            failures.append(f"event {number:,} ({outcome.type}) would be rejected: {outcome.detail}")

    summary = _pour(mapping, files, limit, check)
    output.flush()
    return summary, failures


def _pour(mapping: Mapping, files: list[str], limit: int | None, sink: Sink) -> Summary:
    summary = Summary()
    with waiting(f"importing by '{mapping.name}'") as status:
        for event in _events(mapping, files, summary):
            number = summary.made
            sink(raw_topic_of(str(event.event["type"])), orjson.dumps(event.event), number)
            if number % 1_000 == 0:
                status.update(f"importing by '{mapping.name}': {number:,} events, {summary.failures:,} rejected")
            if number == limit:
                break
    return summary


def _events(mapping: Mapping, files: list[str], summary: Summary) -> Iterator[MappedEvent]:
    for outcome in run(mapping, files, open_lines, summary.unseen):
        summary.add(outcome)
        if isinstance(outcome, MappedEvent):
            yield outcome
