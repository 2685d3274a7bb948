"""The checks of `touchline doctor`: each looks at one thing and says what to do about it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from re import match

import click
import msgspec

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.tansu import BinaryMissingError, broker_binary
from pipeline.adapters.clickhouse.namespaces import unknown_namespaces
from pipeline.adapters.secret import FILE_NAME, is_kept, secret_key
from pipeline.adapters.stack.plan import wanted_ports
from pipeline.adapters.stack.ports import hindrances, remedy
from pipeline.adapters.stack.state import running_state
from pipeline.catalogue.error import CatalogueError
from pipeline.cli.context import Context
from pipeline.cli.errors import CommandError
from pipeline.cli.event_types import examples_at_fault, load_catalogue
from pipeline.cli.reading import reader
from pipeline.settings.errors import SettingsError
from pipeline.settings.model import Settings

LEAST_DISK_BYTES = 2 * 1024**3
LEAST_MEMORY_BYTES = 2 * 1024**3
LARGEST_CLOCK_DIFFERENCE_SECONDS = 2.0
PROCESS_SECONDS = 60
_EARLIEST_CLOCK = 1_735_689_600
"""2025-01-01: a clock before that was never set."""


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(msgspec.Struct, frozen=True):
    """The outcome of one check."""

    name: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def check_up(context: Context) -> Iterator[Check]:
    """Run every check in turn; settings first, because the other checks read them."""
    try:
        settings = context.settings
    except SettingsError as error:
        yield Check("settings", Verdict.PROBLEM, str(error), "mend the file or variable it names")
        return
    yield Check("settings", Verdict.OK, f"{len(context.loaded.origins)} differ from the defaults")
    yield from (_python(), _packages(), _clock(), _data_directory(context.data), _memory(), _secret(context))
    yield _event_types(context.settings)
    running = running_state(context.data)
    if not settings.broker:
        yield _broker_binary()
    if not settings.clickhouse:
        yield _engine()
    if settings.broker or running:
        yield _broker(context)
    if settings.clickhouse or running:
        yield from _clickhouse(context)
    if running is None:
        yield from _ports(context)


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check("python", Verdict.OK, f"{found} on {sys.platform}")


def _packages() -> Check:
    missing = []
    required = [line for line in distribution("touchline").requires or () if "extra ==" not in line]
    for requirement in required:
        name = match(r"[A-Za-z0-9._-]+", requirement)
        assert name is not None
        try:
            version(name[0])
        except PackageNotFoundError:
            missing.append(requirement)
    if missing:
        return Check("packages", Verdict.PROBLEM, f"missing: {', '.join(missing)}", "run `make install`")
    return Check("packages", Verdict.OK, f"all {len(required)} are installed")


def _clock() -> Check:
    now = time.time()
    text = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now < _EARLIEST_CLOCK:
        return Check("clock", Verdict.PROBLEM, f"it says {text}", "set the clock: events ahead of it are rejected")
    return Check("clock", Verdict.OK, text)


def _data_directory(data: Path) -> Check:
    # a path inside a directory that may not be entered counts as missing, where Path.exists() would raise
    place = next(folder for folder in (data, *data.parents) if os.path.exists(folder))
    if not (place.is_dir() and os.access(place, os.W_OK)):
        reason = "is not writable" if place.is_dir() else "is no directory"
        return Check(
            "data directory", Verdict.PROBLEM, f"{place} {reason}", "set `data` (TOUCHLINE_DATA) to another directory"
        )
    free = shutil.disk_usage(place).free
    detail = f"{data}, {free / 1024**3:.1f} GiB free"
    if free < LEAST_DISK_BYTES:
        return Check(
            "data directory",
            Verdict.PROBLEM,
            detail,
            "free space, or set `data` (TOUCHLINE_DATA) to a directory on another disk",
        )
    return Check("data directory", Verdict.OK, detail)


def _memory() -> Check:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return Check("memory", Verdict.NOTE, "cannot be determined on this system")
    detail = f"{total / 1024**3:.1f} GiB"
    if total < LEAST_MEMORY_BYTES:
        return Check("memory", Verdict.NOTE, detail, "set embedded.broker_memory_mib lower")
    return Check("memory", Verdict.OK, detail)


def _secret(context: Context) -> Check:
    settings, file = context.settings, context.data / FILE_NAME
    try:
        if not (settings.secret or settings.secret_file or is_kept(context.data)):
            return Check("secret", Verdict.OK, "none yet; `touchline up` makes one in the data directory")
        secret_key(settings, context.data)
    except SettingsError as error:
        return Check(
            "secret", Verdict.PROBLEM, str(error), "use the key that made the stored hashes: no other matches them"
        )
    if not settings.secret and (used := Path(settings.secret_file or file).expanduser()).stat().st_mode & 0o077:
        return Check("secret", Verdict.NOTE, f"others can read {used}", f"chmod 600 {used}")
    return Check("secret", Verdict.OK, "set")


def _event_types(settings: Settings) -> Check:
    try:
        catalogue = load_catalogue(settings)
        problems = examples_at_fault(settings, catalogue)
    except CatalogueError as error:
        return Check("event types", Verdict.PROBLEM, str(error))
    if problems:
        return Check("event types", Verdict.NOTE, "; ".join(problems), "mend the schema or its examples")
    return Check("event types", Verdict.OK, f"{len(catalogue.types)}, and every example passes or fails as it should")


def _broker_binary() -> Check:
    try:
        binary = broker_binary()
        answer = _answer_of([binary, "--version"])
        answer.check_returncode()
    except (BinaryMissingError, OSError, subprocess.SubprocessError) as error:
        return Check("broker binary", Verdict.PROBLEM, str(error), "run a Kafka broker and name it in `broker`")
    return Check("broker binary", Verdict.OK, answer.stdout.strip() or binary)


def _engine() -> Check:
    code = "import chdb; print(chdb.query('SELECT version()', 'TSV'), end='')"
    try:
        answer = _answer_of([sys.executable, "-c", code])
    except subprocess.TimeoutExpired:
        reason = f"it did not answer within {PROCESS_SECONDS} s"
        return Check("ClickHouse engine", Verdict.PROBLEM, reason, "is the machine busy? Try again")
    if answer.returncode != 0:
        reason = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Check("ClickHouse engine", Verdict.PROBLEM, reason, "run a server and name it in `clickhouse`")
    return Check("ClickHouse engine", Verdict.OK, answer.stdout.strip())


def _broker(context: Context) -> Check:
    try:
        servers = context.broker_servers
        with BrokerAdmin(servers) as admin:
            count = len(admin.partitions())
    except click.UsageError as error:
        return Check("broker", Verdict.PROBLEM, error.message, "mend the address")
    except BrokerUnavailableError as error:
        return Check("broker", Verdict.PROBLEM, str(error), "check the address and whether it runs")
    except SettingsError as error:
        return Check("broker", Verdict.PROBLEM, str(error), "mend the file that it names")
    return Check("broker", Verdict.OK, f"{','.join(servers)}, {count} topics")


def _clickhouse(context: Context) -> Iterator[Check]:
    try:
        with reader(context) as client:
            (theirs,) = client.query("SELECT toUnixTimestamp64Milli(now64(3))").result_rows[0]
    except click.UsageError as error:
        yield Check("ClickHouse", Verdict.PROBLEM, error.message, "mend the address")
        return
    except CommandError as error:
        yield Check("ClickHouse", Verdict.PROBLEM, error.message, "check the address and whether it runs")
        return
    difference = theirs / 1000 - time.time()
    if abs(difference) > LARGEST_CLOCK_DIFFERENCE_SECONDS:
        yield Check("ClickHouse", Verdict.NOTE, f"its clock is {difference:+.1f} s off ours", "run NTP on both")
    else:
        yield Check("ClickHouse", Verdict.OK, "answers; clocks agree")
    yield _namespaces(context)


def _namespaces(context: Context) -> Check:
    known = context.settings.identity.namespaces
    try:
        with reader(context) as client:
            unknown = unknown_namespaces(client, known)
    except CommandError as error:
        return Check("namespaces", Verdict.NOTE, error.message, "run `touchline migrate` once")
    if unknown:
        return Check(
            "namespaces",
            Verdict.PROBLEM,
            f"stored, but not in the settings: {', '.join(unknown)}",
            "add them to identity.namespaces with the kind and rank they had: workers do not start without them",
        )
    return Check("namespaces", Verdict.OK, f"all that are stored are among the {len(known)} in the settings")


def _ports(context: Context) -> Iterator[Check]:
    for one, reason in hindrances(wanted_ports(context.settings)):
        name = f"port {one.port}"
        if reason:
            yield Check(name, Verdict.PROBLEM, f"on {one.host} {reason}; {one.what} needs it", remedy(one, reason))
        else:
            yield Check(name, Verdict.OK, f"free for {one.what}")


def _answer_of(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False)
