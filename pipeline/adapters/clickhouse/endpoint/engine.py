"""The engine in this process: one handle per request, calls made in threads."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.adapters.clickhouse.endpoint.errors import EngineError


class DataDirectoryInUseError(Exception):
    """Another process has this data directory open; the engine allows one."""


@dataclass(frozen=True)
class Progress:
    """What a statement read and wrote, as the engine counts it."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0


class Session:
    """One handle on the engine: settings and the current database are its own. Not for two threads at once."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def configure(self, database: str | None, settings: Mapping[str, str]) -> None:
        """Choose the current database and apply settings; raises `EngineError`."""
        if database:
            self._query(f"USE {quote_identifier(database)}")
        if settings:
            self._query("SET " + ", ".join(f"{name} = {quote_literal(value)}" for name, value in settings.items()))

    def classify(self, text: str) -> tuple[str, int]:
        """The engine's class of a statement (READ_ONLY, MUTATING, CONTROL, …) and the number of statements in it."""
        with _engine_errors():
            found = self._handle._conn.classify_query(text)
        return found["query_class"].name, found["statement_count"]

    def run(self, text: str | bytes, output_format: str, parameters: Mapping[str, str]) -> tuple[bytes, Progress]:
        """Run one statement and return its whole output."""
        result = self._query(text, output_format, parameters)
        return result.bytes(), Progress(
            result.rows_read(), result.bytes_read(), result.rows_written(), result.bytes_written()
        )

    def stream(self, text: str | bytes, output_format: str, parameters: Mapping[str, str]) -> Iterator[bytes]:
        """Run one query and give its output block by block; closing the iterator cancels the query."""
        with _engine_errors():
            blocks = self._handle.send_query(text, output_format, params=dict(parameters))
        try:
            while True:
                with _engine_errors():
                    block = blocks.fetch()
                if block is None:
                    return
                yield block.bytes()
        finally:
            blocks.close()

    def insert(self, head: str, input_format: str) -> "Inserter":
        """Begin an insert whose data is handed over piece by piece."""
        with _engine_errors():
            return Inserter(self._handle.send_insert(head, input_format))

    def close(self) -> None:
        """Give the handle back; what still runs on it ends."""
        self._handle.close()

    def _query(
        self, text: str | bytes, output_format: str = "Null", parameters: Mapping[str, str] | None = None
    ) -> Any:
        with _engine_errors():
            return self._handle.query(text, output_format, params=dict(parameters or {}))


class Inserter:
    """An insert in progress."""

    def __init__(self, inserter: Any) -> None:
        self._inserter = inserter

    def append(self, data: bytes) -> None:
        """Hand over the next piece of the data."""
        with _engine_errors():
            self._inserter.append(data)

    def finish(self) -> Progress:
        """Commit; when this returns, the engine has the rows."""
        with _engine_errors():
            result = self._inserter.finish()
        return Progress(written_rows=result.rows_written, written_bytes=result.bytes_written)

    def cancel(self) -> None:
        """Give up; blocks that were already written stay, as on a ClickHouse server."""
        self._inserter.cancel()


class Engine:
    """The engine over one data directory. There can be one per process."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(data / "endpoint.lock")
        self._path = str(data.resolve())
        try:
            self._anchor = self.open()
        except BaseException:
            self._lock.close()
            raise

    def open(self) -> Session:
        """A new handle; about half a millisecond."""
        from chdb.state.sqlitelike import connect

        try:
            return Session(connect(self._path))
        except RuntimeError as error:
            raise DataDirectoryInUseError(
                f"{self._path} cannot be opened; is it in use by another process? ({error})"
            ) from error

    def time_zone(self) -> str:
        """The engine's default time zone."""
        return self._anchor.run("SELECT timezone() FORMAT TSVRaw", "TSVRaw", {})[0].decode().strip()

    def kill(self, marks: Sequence[str]) -> None:
        """End the statements that run with these values of the setting `log_comment`."""
        session = self.open()
        try:
            names = ", ".join(quote_literal(mark) for mark in marks)
            session.run(f"KILL QUERY WHERE Settings['log_comment'] IN ({names}) ASYNC", "Null", {})
        finally:
            session.close()

    def close(self) -> None:
        """Shut the engine down and release the data directory."""
        self._anchor.close()
        self._lock.close()


def quote_identifier(name: str) -> str:
    """A name in back quotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def quote_literal(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


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


@contextlib.contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise EngineError.from_engine(str(error)) from error
