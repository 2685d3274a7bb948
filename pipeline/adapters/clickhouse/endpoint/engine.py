"""The engine in this process: one handle per request, calls made in threads."""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.adapters.clickhouse.endpoint.errors import EngineError
from pipeline.adapters.clickhouse.endpoint.failures import FailedInserts
from pipeline.adapters.clickhouse.endpoint.idle import IdleSessions
from pipeline.adapters.clickhouse.endpoint.session import Session, quote_literal

_CACHES = {
    "mark_cache_size": 512 * 1024 * 1024,
    "primary_index_cache_size": 256 * 1024 * 1024,
    "index_mark_cache_size": 32 * 1024 * 1024,
}
"""Bytes of the engine's caches of marks and indexes, enough for a hundred million touchpoints; by default each would
have 5 GiB."""

_NO_PROFILER = {"query_profiler_real_time_period_ns": 0, "query_profiler_cpu_time_period_ns": 0}
"""The profiler would set timers for each thread of a statement, a fifth of a small insert's cost, and write nowhere."""


class DataDirectoryError(Exception):
    """The engine cannot open the data directory: its name is not allowed, or, most likely, another process uses it."""


@dataclass(frozen=True)
class EngineOptions:
    """What the engine is started with."""

    synchronous: bool = False
    """Whether inserted parts are forced to the disk before an insert is acknowledged."""
    memory_bytes: int | None = None
    """Memory the engine may use at most; by default nine tenths of the machine's."""
    configuration: Path | None = None
    """A ClickHouse server's configuration file, of which the engine uses what it knows; not with `synchronous`."""


class Engine:
    """The engine over one data directory. There can be one per process."""

    def __init__(self, data: Path, options: EngineOptions | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(data / "endpoint.lock")
        self._address = _address(data.resolve(), options or EngineOptions())
        self._failures = FailedInserts()
        self._idle = IdleSessions()
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
            raise DataDirectoryError(f"cannot open {self._address}; does another process use it? ({error})") from error

    def prepared(self, database: str | None, settings: Mapping[str, str]) -> Session:
        """A handle configured with this database and these settings, reused or new; raises `EngineError`."""
        kind = (database, frozenset(settings.items()))
        session = self._idle.take(kind)
        if session is None:
            session = self.open()
            try:
                session.configure(database, settings)
            except EngineError:
                session.close()
                raise
            session.kind = kind
        return session

    def give_back(self, session: Session) -> None:
        """Keep a handle for reuse; its statement must be complete, and have changed nothing about the handle."""
        self._idle.keep(session)

    def forget_idle(self) -> None:
        """Close the handles that are kept: the current database of one may have been dropped."""
        self._idle.close()

    def time_zone(self) -> str:
        """The engine's default time zone."""
        return self._anchor.run("SELECT timezone()", "TSVRaw", {})[0].decode().strip()

    def kill(self, mark: str | None = None) -> None:
        """Kill the running statements with this value of the setting `log_comment`, or all."""
        session = self.open()
        try:
            which = "1" if mark is None else f"Settings['log_comment'] = {quote_literal(mark)}"
            session.run(f"KILL QUERY WHERE {which} ASYNC", "Null", {})
        finally:
            session.close()

    def close(self) -> None:
        """Shut the engine down and release the data directory."""
        self._idle.close()
        self._anchor.close()
        self._lock.close()


def _close_file_system(session: Session, data: Path) -> None:
    """Make `default` an ordinary database: the engine exposes the whole file system in it, each file as a table.

    An empty one is created anew, as the engine does not find an empty one again by the identity it recorded.
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
        raise DataDirectoryError(f"the engine cannot open a directory with ?, &, = or % in its name: {data}")
    arguments = []
    if options.configuration is not None:
        arguments.append(f"config-file={options.configuration.resolve()}")
    else:
        arguments += [f"{name}={value}" for name, value in {**_CACHES, **_NO_PROFILER}.items()]
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
        raise DataDirectoryError(f"{path.parent} is in use by another process (process id {owner})") from error
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
