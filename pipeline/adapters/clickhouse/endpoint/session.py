"""One handle on the engine, and what runs on it."""

import contextlib
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.failures import FailedInserts

_PYTHON_FORMATS = frozenset({"arrowtable", "dataframe", "datastore"})
"""Formats that the engine's bindings would answer with Python objects."""

Kind = tuple[str | None, frozenset[tuple[str, str]]]
"""The current database and the settings."""


@dataclass(frozen=True)
class Progress:
    """What a statement read and wrote, as the engine counts it."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0


class Session:
    """One handle on the engine; settings and the current database are its own. Not for two threads at once."""

    def __init__(self, handle: Any, failures: FailedInserts) -> None:
        self._handle = handle
        self._failures = failures
        self.mark = str(uuid.uuid4())
        """Identifies its running statement in the engine, once it is configured."""
        self.kind: Kind | None = None
        """What it was prepared for; None if it is for one request only."""

    def configure(self, database: str | None, settings: Mapping[str, str]) -> None:
        """Choose the current database and apply settings; raises `EngineError`."""
        if database:
            self._query(f"USE {quote_identifier(database)}")
        marked = {**settings, "log_comment": self.mark}
        self._query("SET " + ", ".join(f"{name} = {quote_literal(value)}" for name, value in marked.items()))

    def classify(self, statement: str) -> tuple[str, int]:
        """The engine's class of a statement (READ_ONLY, MUTATING, CONTROL, …) and the number of statements in it."""
        with engine_errors():
            found = self._handle._conn.classify_query(statement)
        return found["query_class"].name, found["statement_count"]

    def structure(self, statement: str) -> bytes | None:
        """The syntax tree of a statement as JSON; None for kinds for which the engine has none."""
        try:
            return self._parsed("parseQueryToJSON", statement)
        except EngineError as error:
            if error.code == Code.BAD_ARGUMENTS and "does not support JSON serialization" in error.message:
                return None
            raise

    def formatted(self, statement: str) -> bytes:
        """A statement as the engine writes it: without comments, on one line."""
        return self._parsed("formatQuerySingleLine", statement)

    def _parsed(self, function: str, statement: str) -> bytes:
        """Apply one of the engine's functions to a statement; its errors are cut to the part about the statement."""
        query = f"SELECT {function}({quote_literal(statement)})"
        try:
            return self.run(query, "TSVRaw", {})[0]
        except EngineError as error:
            raise EngineError(error.code, error.message.partition(f": In scope SELECT {function}")[0]) from error

    def run(self, text: str | bytes, output_format: str, parameters: Mapping[str, str]) -> tuple[bytes, Progress]:
        """Run one statement and return its whole output."""
        result = self._query(text, output_format, parameters)
        progress = Progress(result.rows_read(), result.bytes_read(), result.rows_written(), result.bytes_written())
        return result.bytes(), progress

    def stream(
        self, text: str | bytes, output_format: str, parameters: Mapping[str, str]
    ) -> Generator[bytes, None, None]:
        """Run one query and yield its output block by block; closing the iterator ends the query."""
        with self._remembering_failures():
            blocks = self._handle.send_query(text, _checked(output_format), params=dict(parameters))
        return self._fetched(blocks)

    def _fetched(self, blocks: Any) -> Generator[bytes, None, None]:
        try:
            yield from _fetch(blocks)
        except EngineError:
            self._failures.forget()
            raise

    def insert_native(self, head: str, data: bytes) -> Progress:
        """Insert data that has arrived as a whole; when this returns, the engine has the rows.

        Args:
            head: The statement without its FORMAT clause.
            data: Blocks of the Native format in which the engine sees no premature end, see `ends_within`.

        Raises:
            EngineError: The rows are refused. Unlike a streamed insert, this one does not fail silently.
        """
        return self.run(b"%b FORMAT Native\n%b" % (head.encode(), data), "Null", {})[1]

    def insert(self, head: str, input_format: str) -> "Inserter":
        """Begin an insert whose data arrives piece by piece."""
        before = self._failures.known(self._ask)
        with engine_errors():
            inserter = self._handle.send_insert(head, input_format)
        return Inserter(inserter, lambda: self._failures.require(before, self._ask), self._failures.forget)

    def close(self) -> None:
        """Close the handle."""
        self._handle.close()

    def _query(
        self, text: str | bytes, output_format: str = "Null", parameters: Mapping[str, str] | None = None
    ) -> Any:
        with self._remembering_failures():
            return self._handle.query(text, _checked(output_format), params=dict(parameters or {}))

    @contextlib.contextmanager
    def _remembering_failures(self) -> Iterator[None]:
        """Keep a failure that is reported from being taken for an insert that failed silently."""
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


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the bindings raise into `EngineError`."""
    try:
        yield
    except RuntimeError as error:
        raise EngineError.from_engine(str(error)) from error


def ends_within(data: bytes) -> bool:
    """Whether the engine would cut off data that is part of a statement: at an empty line."""
    return b"\n\n" in data


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
