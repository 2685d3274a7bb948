"""ClickHouse clients for commands, with the right to write only where a command needs it."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import click
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.cluster import ClusterError
from pipeline.adapters.clickhouse.consistency import read_what_was_written
from pipeline.adapters.clickhouse.errors import DamagedAnswerError, store_errors
from pipeline.cli.context import Context
from pipeline.cli.errors import IS_IT_RUNNING, CommandError
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

_WRAPPING = re.compile(r"^Received ClickHouse exception, code: \d+, server response: | \(for url [^)]*\)$")
ANALYST = "analyst"
_READ_ONLY_CODE = 164
_ACCESS_DENIED_CODE = 497
_UNKNOWN_TABLE_CODE = 60
_UNKNOWN_DATABASE_CODE = 81
_WHY = re.compile(
    r"Connection refused|Failed to resolve|certificate verify failed: [\w' -]*\w|SSL: WRONG_VERSION_NUMBER"
    r"|HTTP status \d+|Unexpected response to server version query"
)
"""Errors that tell a wrong address, or a proxy that answers in place of the server, from a server that is down."""
_TOOK_TOO_LONG = re.compile(r"read timeout=(\d+)")
ANSWER_SECONDS = 60
READ_ONLY = {"readonly": "2"}
"""For a server of the user's own, on which we know no read-only user: reads and settings, but no writes."""


@contextmanager
def reader(context: Context, seconds: int = ANSWER_SECONDS) -> Iterator[Client]:
    """A read-only client that waits `seconds` for an answer; errors of the server become failures of the command."""
    with _failures(context), closing(_connect(context, seconds)) as client:
        yield client


@contextmanager
def writer(context: Context) -> Iterator[Client]:
    """A client that may write, for commands that need to."""
    with _failures(context), closing(connect(context.clickhouse_url)) as client:
        read_what_was_written(client)
        yield client


@contextmanager
def _failures(context: Context) -> Iterator[None]:
    try:
        with store_errors():
            yield
    except (StoreUnavailableError, StoreRejectedError) as error:
        raise CommandError(server_words(error, context.clickhouse_url), _remedy(error)) from error
    except ClusterError as error:
        raise CommandError(str(error)) from error
    except ValueError as error:
        raise click.UsageError(f"clickhouse: {error}") from error


def _connect(context: Context, seconds: int) -> Client:
    if context.settings.clickhouse:
        return connect(context.clickhouse_url, settings=READ_ONLY, timeout_seconds=seconds)
    return connect(as_analyst(context.clickhouse_url), timeout_seconds=seconds)


def as_analyst(url: str) -> str:
    """The same address for the embedded endpoint's read-only user."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{ANALYST}:@{address}"))


def server_words(error: StoreUnavailableError | StoreRejectedError, url: str) -> str:
    """The server's error without what its client wraps around it; or that it did not answer, or not in time."""
    if isinstance(error, StoreUnavailableError) and _code(error) is None:
        server = f"ClickHouse at {urlsplit(url).netloc.rpartition('@')[2]}"
        if isinstance(error, DamagedAnswerError):
            return f"the answer of {server} is damaged: {error}"
        if late := _TOOK_TOO_LONG.search(str(error)):
            return f"{server} gave no answer within {late[1]} s"
        why = _WHY.search(str(error))
        return f"{server} does not answer" + (f": {why[0]}" if why else "")
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return _WRAPPING.sub("", line)


def _code(error: StoreUnavailableError | StoreRejectedError) -> int | None:
    """The number of the server's error; None if it did not answer."""
    code: int | None = getattr(error.__cause__, "code", None)
    return code


def _remedy(error: StoreUnavailableError | StoreRejectedError) -> str:
    code = _code(error)
    if code == _READ_ONLY_CODE and "Cannot modify" in str(error):
        return "Leave SETTINGS out: a read-only connection cannot change settings."
    if code in (_READ_ONLY_CODE, _ACCESS_DENIED_CODE):
        return "This only reads: SELECT, WITH, SHOW, DESCRIBE, EXISTS or EXPLAIN. Is the first word one of them?"
    if code == _UNKNOWN_TABLE_CODE:
        return "`SHOW TABLES` lists what there is; if a view of Touchline is missing, run `touchline migrate`."
    if code == _UNKNOWN_DATABASE_CODE:
        return "Name another database at the end of `clickhouse`, or run `touchline migrate`, which creates it."
    if isinstance(error, StoreRejectedError) or code is not None:
        return ""
    if isinstance(error, DamagedAnswerError):
        return "Try again; if that does not help, check what is between you and the server, such as a proxy."
    if _TOOK_TOO_LONG.search(str(error)):
        return "Ask for less at once, such as a shorter time. Is the server busy? See `touchline status`."
    return IS_IT_RUNNING.format(setting="clickhouse")
