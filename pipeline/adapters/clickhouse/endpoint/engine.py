"""The engine in this process: one handle per request, calls made in threads."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.failures import FailedInserts

_PYTHON_FORMATS = frozenset({"arrowtable", "dataframe", "datastore"})
"""Formats that the engine's bindings would answer with Python objects."""
_CACHES = {
    "mark_cache_size": 512 * 1024 * 1024,
    "primary_index_cache_size": 256 * 1024 * 1024,
    "index_mark_cache_size": 32 * 1024 * 1024,
}
"""Bytes for what the engine remembers of its parts, enough for a hundred million touchpoints; by default it would take
5 GiB for each."""


class DataDirectoryInUseError(Exception):
    """The data directory cannot be opened, most likely because another process has it; the engine allows one."""


@dataclass(frozen=True)
class Progress:
    """What a statement read and wrote, as the engine counts it."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0


@dataclass(frozen=True)
class EngineOptions:
    """What the engine is started with."""

    synchronous: bool = False
    """Whether inserted parts are forced to the disk before an insert is acknowledged."""
    memory_bytes: int | None = None
    """Memory the engine may use at most; by default nine tenths of the machine's."""
    configuration: Path | None = None
    """A configuration file of a ClickHouse server, for what the engine knows of it; not together with `synchronous`."""


class Session:
    """One handle on the engine; settings and the current database are its own. Not for two threads at once."""

    def __init__(self, handle: Any, failures: FailedInserts) -> None:
        self._handle = handle
        self._failures = failures

    def configure(self, database: str | None, settings: Mapping[str, str]) -> None:
        """Choose the current database and apply settings; raises `EngineError`."""
        if database:
            self._query(f"USE {quote_identifier(database)}")
        if settings:
            self._query("SET " + ", ".join(f"{name} = {quote_literal(value)}" for name, value in settings.items()))

    def classify(self, statement: str) -> tuple[str, int]:
        """The engine's class of a statement (READ_ONLY, MUTATING, CONTROL, …) and the number of statements in it."""
        with engine_errors():
            found = self._handle._conn.classify_query(statement)
        return found["query_class"].name, found["statement_count"]

    def structure(self, statement: str) -> bytes | None:
        """The syntax tree of a statement as JSON; None for the kinds that the engine does not give one for."""
        try:
            query = f"SELECT parseQueryToJSON({quote_literal(statement)})"
            return self.run(query, "TSVRaw", {})[0]
        except EngineError as error:
            if error.code == Code.BAD_ARGUMENTS and "does not support JSON serialization" in error.message:
                return None
            raise EngineError(error.code, error.message.partition(": In scope SELECT parseQueryToJSON")[0]) from error

    def formatted(self, statement: str) -> bytes:
        """A statement as the engine writes it: without comments, on one line."""
        return self.run(f"SELECT formatQuerySingleLine({quote_literal(statement)})", "TSVRaw", {})[0]

    def run(self, text: str | bytes, output_format: str, parameters: Mapping[str, str]) -> tuple[bytes, Progress]:
        """Run one statement and return its whole output."""
        result = self._query(text, output_format, parameters)
        progress = Progress(result.rows_read(), result.bytes_read(), result.rows_written(), result.bytes_written())
        return result.bytes(), progress

    def stream(
        self, text: str | bytes, output_format: str, parameters: Mapping[str, str]
    ) -> Generator[bytes, None, None]:
        """Run one query and give its output block by block; closing the iterator ends the query."""
        with self._remembering_failures():
            blocks = self._handle.send_query(text, _checked(output_format), params=dict(parameters))
        return self._fetched(blocks)

    def _fetched(self, blocks: Any) -> Generator[bytes, None, None]:
        try:
            yield from _fetch(blocks)
        except EngineError:
            self._failures.forget()
            raise

    def insert(self, head: str, input_format: str) -> "Inserter":
        """Begin an insert whose data is handed over piece by piece."""
        before = self._failures.known(self._ask)
        with engine_errors():
            inserter = self._handle.send_insert(head, input_format)
        return Inserter(inserter, lambda: self._failures.require(before, self._ask), self._failures.forget)

    def close(self) -> None:
        """Give the handle back."""
        self._handle.close()

    def _query(
        self, text: str | bytes, output_format: str = "Null", parameters: Mapping[str, str] | None = None
    ) -> Any:
        with self._remembering_failures():
            return self._handle.query(text, _checked(output_format), params=dict(parameters or {}))

    @contextlib.contextmanager
    def _remembering_failures(self) -> Iterator[None]:
        """A statement that fails in the open must not be taken for an insert that failed in secret."""
        try:
            with engine_errors():
                yield
        except EngineError:
            self._failures.forget()
            raise

    def _ask(self, query: str) -> bytes:
        return self.run(query, "TSVRaw", {})[0]


class Inserter:
    """An insert in progress."""

    def __init__(self, inserter: Any, require_success: Callable[[], None], on_error: Callable[[], None]) -> None:
        self._inserter = inserter
        self._require_success = require_success
        self._on_error = on_error

    def append(self, data: bytes) -> None:
        """Hand over the next piece of the data."""
        with engine_errors():
            self._inserter.append(data)

    def finish(self) -> Progress:
        """Commit; when this returns, the engine has the rows."""
        try:
            with engine_errors():
                result = self._inserter.finish()
        except EngineError:
            self._on_error()
            raise
        self._require_success()
        return Progress(written_rows=result.rows_written, written_bytes=result.bytes_written)

    def cancel(self) -> None:
        """Give up; blocks that were already written stay, as on a ClickHouse server."""
        with engine_errors():
            self._inserter.cancel()


class Engine:
    """The engine over one data directory. There can be one per process."""

    def __init__(self, data: Path, options: EngineOptions | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(data / "endpoint.lock")
        self._address = _address(data.resolve(), options or EngineOptions())
        self._failures = FailedInserts()
        try:
            self._anchor = self.open()
            _close_file_system(self._anchor, data)
        except BaseException:
            self._lock.close()
            raise

    def open(self) -> Session:
        """A new handle; takes about half a millisecond."""
        # Loading the engine takes seconds and half a gigabyte of address space, and must not happen before a fork.
        from chdb.state.sqlitelike import connect

        try:
            return Session(connect(self._address), self._failures)
        except RuntimeError as error:
            raise DataDirectoryInUseError(
                f"cannot open {self._address}; does another process use it? ({error})"
            ) from error

    def time_zone(self) -> str:
        """The engine's default time zone."""
        return self._anchor.run("SELECT timezone()", "TSVRaw", {})[0].decode().strip()

    def kill(self, mark: str | None = None) -> None:
        """End the statements that run with this value of the setting `log_comment`, or all."""
        session = self.open()
        try:
            which = "1" if mark is None else f"Settings['log_comment'] = {quote_literal(mark)}"
            session.run(f"KILL QUERY WHERE {which} ASYNC", "Null", {})
        finally:
            session.close()

    def close(self) -> None:
        """Shut the engine down and release the data directory."""
        self._anchor.close()
        self._lock.close()


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the bindings raise into `EngineError`."""
    try:
        yield
    except RuntimeError as error:
        raise EngineError.from_engine(str(error)) from error


def quote_identifier(name: str) -> str:
    """A name in back quotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def quote_literal(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fetch(blocks: Any) -> Generator[bytes, None, None]:
    try:
        while True:
            with engine_errors():
                block = blocks.fetch()
            if block is None:
                return
            yield block.bytes()
    finally:
        with engine_errors():
            blocks.close()


def _checked(output_format: str) -> str:
    if not output_format.isidentifier() or output_format.lower() in _PYTHON_FORMATS:
        raise EngineError.of(Code.UNKNOWN_FORMAT, f"Unknown format {output_format}")
    return output_format


def _close_file_system(session: Session, data: Path) -> None:
    """Make `default` an ordinary database: the engine lays the whole file system under it, each file a table.

    An empty one is made anew, as the engine does not find an empty one again by the identity it wrote down.
    """
    tables, _ = session.run("SELECT count() FROM system.tables WHERE database = 'default'", "TSVRaw", {})
    session.run("USE system", "Null", {})
    session.run("DETACH DATABASE default", "Null", {})
    if int(tables):
        session.run("ATTACH DATABASE default", "Null", {})
    else:
        for left in ("default.sql", "default"):
            (data / "metadata" / left).unlink(missing_ok=True)
        session.run("CREATE DATABASE default ENGINE = Atomic", "Null", {})


def _address(data: Path, options: EngineOptions) -> str:
    if any(mark in str(data) for mark in "?&=%"):
        raise DataDirectoryInUseError(f"the engine cannot open a directory with ?, &, = or % in its name: {data}")
    arguments = []
    if options.configuration is not None:
        arguments.append(f"config-file={options.configuration.resolve()}")
    else:
        arguments += [f"{cache}={size}" for cache, size in _CACHES.items()]
    if options.synchronous:
        configuration = data / "endpoint.xml"
        configuration.write_text(
            "<clickhouse><merge_tree><fsync_after_insert>1</fsync_after_insert>"
            "<fsync_part_directory>1</fsync_part_directory></merge_tree></clickhouse>\n"
        )
        arguments.append(f"config-file={configuration}")
    if options.memory_bytes is not None:
        arguments.append(f"max_server_memory_usage={options.memory_bytes}")
    return str(data) + ("?" + "&".join(arguments) if arguments else "")


def _lock(path: Path) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise DataDirectoryInUseError(f"{path.parent} is in use by another process (process id {owner})") from error
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
