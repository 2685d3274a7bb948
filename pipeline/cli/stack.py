"""Running a stack from a command: its plan from the settings, its notices on the terminal."""

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import click

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.tansu import BinaryMissingError
from pipeline.adapters.clickhouse.client import Address
from pipeline.adapters.clickhouse.migrate import MigrationError
from pipeline.adapters.configuration import configuration_file
from pipeline.adapters.secret import ensure_secret
from pipeline.adapters.serving.loopback import EVERYWHERE, LOOPBACK
from pipeline.adapters.stack.kept import StartError
from pipeline.adapters.stack.notice import Level, Notice
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.ports import PortInUseError
from pipeline.adapters.stack.run import Work, run_to_the_end
from pipeline.adapters.stack.state import DataDirectoryInUseError
from pipeline.cli.console import human, say
from pipeline.cli.context import Context
from pipeline.cli.errors import CommandError
from pipeline.cli.event_types import load_catalogue
from pipeline.cli.reading import server_words
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

STYLES = {Level.DETAIL: "dim", Level.INFO: None, Level.WARNING: "yellow", Level.ERROR: "bold red"}

_ANOTHER_DIRECTORY: Final = "Set `data` (TOUCHLINE_DATA) to another directory."
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_MAKE_ROOM: Final = "Free space there, or set `data` (TOUCHLINE_DATA) to another directory."
_STARTING = (
    PortInUseError,
    StartError,
    DataDirectoryInUseError,
    BinaryMissingError,
    BrokerUnavailableError,
    StoreUnavailableError,
    StoreRejectedError,
    MigrationError,
)


def stack_plan(context: Context) -> StackPlan:
    """Decide what to run; makes the data directory and, if the settings have none, the secret.

    Addresses and event types are checked first, so that errors in them show at once and not when the workers start.
    """
    data = context.data
    _check_addresses(context)
    load_catalogue(context.settings)
    _make(data)
    environment = dict(os.environ)
    with _writing(data):
        secret_file = ensure_secret(context.settings, data)
    return StackPlan(
        settings=context.settings,
        data=data,
        config=configuration_file(context.config, environment),
        secret_file=secret_file,
        environment=environment,
    )


def _check_addresses(context: Context) -> None:
    """Report a malformed address at once; reading `broker_servers` parses that of the broker."""
    assert context.broker_servers
    try:
        Address.parse(context.clickhouse_url)
    except ValueError as error:
        raise click.UsageError(f"clickhouse: {error}") from error


def _make(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CommandError(
            f"the data directory {data} cannot be created: {error.strerror}", _ANOTHER_DIRECTORY
        ) from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise CommandError(f"the data directory {data} is not writable", _ANOTHER_DIRECTORY)


@contextmanager
def _writing(data: Path) -> Iterator[None]:
    """Report that the data directory cannot be written: the disk is full, or another user's files are in the way."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno not in _FULL:
            raise
        raise CommandError(f"{error.filename or data} cannot be written: {error.strerror}", _MAKE_ROOM) from error


def show(notice: Notice) -> None:
    """Show a notice of the stack."""
    with _whoever_reads():
        say(notice.text, STYLES[notice.level])


@contextmanager
def _whoever_reads() -> Iterator[None]:
    """Ignore failures to print: the terminal was closed, or the reader of a pipe has gone.

    They must not end the stack, which would drop what it has accepted. A closed terminal asks for a graceful end.
    """
    with suppress(OSError, SystemExit):  # rich exits when its output is a broken pipe
        yield


def run(plan: StackPlan, work: Work | None = None, report: Callable[[Notice], None] = show) -> None:
    """Run a stack until its work is done or the user stops it.

    Raises:
        CommandError: It did not start, or not everything that was accepted could be stored at the end.
    """
    try:
        with _writing(plan.data):
            stored = run_to_the_end(plan, report, work)
    except _STARTING as error:
        raise CommandError(_message(error, plan), _remedy(error, plan.data)) from error
    if not stored:
        raise CommandError("stopped before everything that was accepted was stored", "Send those events again.")


def announce(plan: StackPlan) -> None:
    """Say where everything listens."""
    console = human()
    with _whoever_reads():
        console.print(f"\n[bold green]Touchline is ready.[/] {_way_out()} drains and stops.\n")
        for what, where in _addresses(plan):
            console.print(f"  {what:<12}{where}", markup=False, highlight=False, soft_wrap=True)
        console.print()
    for text in (*_open_to_anybody(plan), *_misleading(plan)):
        show(Notice(Level.WARNING, text))
    workers, partitions = plan.settings.workers, plan.settings.topics.mail_partitions
    if workers > partitions:
        idle = workers - partitions
        text = f"{idle} of {workers} workers stitch nothing: topics.mail_partitions is {partitions}"
        show(Notice(Level.WARNING, text))


def _way_out() -> str:
    """What ends the stack: a process that a script started in the background ignores Ctrl-C."""
    return "SIGTERM" if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else "Ctrl-C"


def _open_to_anybody(plan: StackPlan) -> Iterator[str]:
    """What anybody who reaches this machine may do. ClickHouse is left out: open to others, it needs a password."""
    collector = plan.settings.collector
    if plan.embedded_broker and plan.settings.embedded.host not in LOOPBACK:
        yield f"anybody who reaches {plan.broker} may read and send events: the embedded broker has no log-in"
    if collector.enabled and collector.host not in LOOPBACK and not collector.write_keys:
        yield f"anybody who reaches {plan.collector} may send events: set collector.write_keys"


def _misleading(plan: StackPlan) -> Iterator[str]:
    """Warn of an address that, on another machine, means that machine itself."""
    host = plan.settings.embedded.host
    if plan.embedded_broker and host in EVERYWHERE:
        yield (
            f"the embedded broker refers its clients to {plan.broker}, where those on other machines reach themselves: "
            "set embedded.host to the address of this machine that they use"
        )


def _addresses(plan: StackPlan) -> list[tuple[str, str]]:
    embedded = plan.settings.embedded
    clickhouse = f"http://{embedded.host}:{embedded.clickhouse_port}" if plan.embedded_clickhouse else "as configured"
    return [
        ("Kafka", plan.broker),
        ("ClickHouse", clickhouse),
        *([("collector", f"{plan.collector}/v1/events")] if plan.collector else []),
        *(("metrics", url) for url in plan.metrics),
        ("data", str(plan.data)),
        ("logs", str(plan.data / "logs")),
    ]


def _message(error: Exception, plan: StackPlan) -> str:
    if isinstance(error, (StoreUnavailableError, StoreRejectedError)):
        return server_words(error, plan.clickhouse)
    return str(error)


def _remedy(error: Exception, data: Path) -> str:
    if isinstance(error, StartError):
        return f"Logs of all parts are in {data / 'logs'}; `touchline doctor` checks this machine."
    if isinstance(error, BrokerUnavailableError):
        return "Check the address in `broker`, or leave it out to run the embedded broker."
    if isinstance(error, StoreUnavailableError):
        return "Check the address in `clickhouse`, or leave it out to run the embedded endpoint."
    return ""
