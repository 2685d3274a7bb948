"""Runs one request on the engine: session, permission, and the statement by its kind."""

import contextlib
import logging
import threading
from collections.abc import Generator
from dataclasses import dataclass, field, replace

from pipeline.adapters.clickhouse.endpoint.engine import Engine
from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.native import FIRST_REVISION, reframed
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.request import Request
from pipeline.adapters.clickhouse.endpoint.roles import Role
from pipeline.adapters.clickhouse.endpoint.session import Inserter, Progress, Session, ends_within, quote_identifier
from pipeline.adapters.clickhouse.endpoint.statement import (
    Insert,
    first_word,
    has_result,
    is_select,
    may_name_a_file,
    names_a_file,
    output_format,
)

STREAMED_FORMATS = frozenset(
    {
        "CSV",
        "JSONEachRow",
        "JSONLines",
        "NDJSON",
        "Native",
        "RowBinary",
        "TSV",
        "TSVRaw",
        "TabSeparated",
        "TabSeparatedRaw",
    }
)
"""Formats without header and footer: the engine writes each block as a separate document, and only these join."""


logger = logging.getLogger("touchline.clickhouse")


@dataclass(frozen=True)
class Answer:
    """The result of a statement."""

    format: str | None = None
    """None if the statement has no result."""
    progress: Progress = field(default_factory=Progress)
    """Unknown if the result is streamed."""
    begin: bytes = b""
    """The result, or its beginning if it is streamed."""
    complete: bool = True
    """Whether `begin` is the whole result."""


class Execution:
    """Runs one request. All methods block: call them in a thread, one at a time."""

    def __init__(self, engine: Engine, permission: ReadPermission, role: Role, request: Request) -> None:
        self._engine = engine
        self._permission = permission
        self._role = role
        self._request = request
        self._reads = role.read_only
        self._session: Session | None = None
        self._blocks: Generator[bytes, None, None] | None = None
        self._inserter: Inserter | None = None
        self._ending = threading.Lock()
        self._abandoned = False
        self.closed = False
        """Whether there is nothing left to close."""

    def abandon(self) -> str | None:
        """Note that the result is no longer wanted; returns the mark of the statement to kill, None if it is to go on.

        The client has disconnected, or the request has taken too long. Only statements that change no data are killed.
        The session is not used again.
        """
        with self._ending:
            self._abandoned = True
            return self._session.mark if self._session is not None and self._reads and not self.closed else None

    def run(self, text: bytes, held_back: int) -> Answer:
        """Run a statement without data until `held_back` bytes of its result are there; raises `EngineError`.

        If the result is complete by then, this also closes: a separate call would cost a thread switch, more than a
        small statement.
        """
        self._reads |= is_select(text)
        session = self._prepared(text)
        default_format = self._request.default_format
        chosen = output_format(text) or default_format
        if is_select(text) and chosen in STREAMED_FORMATS:
            self._blocks = self._framed(session.stream(text, default_format, self._request.parameters), chosen)
            return self._begun(Answer(chosen), held_back)
        output, progress = session.run(text, default_format, self._request.parameters)
        if not self._reads:
            self._engine.forget_idle()
        self._blocks = self._framed(_once(output), chosen)
        return self._begun(Answer(chosen if output or has_result(text) else None, progress), held_back)

    def next_block(self) -> bytes | None:
        """The next piece of the result, None after the last; raises `EngineError`."""
        return next(self._blocks, None) if self._blocks is not None else None

    def insert(self, insert: Insert, data: bytes) -> Progress:
        """Insert data that has arrived as a whole; raises `EngineError`."""
        whole = insert.data + data
        if whole and insert.format == "Native" and not ends_within(whole):
            progress = self._open_to_insert(insert.head).insert_native(insert.head, whole)
        else:
            self.begin_insert(insert)
            self.append(data)
            progress = self.finish_insert()
        self._complete()
        return progress

    def begin_insert(self, insert: Insert) -> None:
        """Begin an insert of data; raises `EngineError`."""
        self._inserter = self._open_to_insert(insert.head).insert(insert.head, insert.format or "Values")
        if insert.data:
            self.append(insert.data)

    def _open_to_insert(self, head: str) -> Session:
        if self._role.read_only:
            raise EngineError.of(Code.ACCESS_DENIED, "Not enough privileges: this user may only read")
        if not self._request.may_write:
            raise _readonly()
        if may_name_a_file(head.encode()):
            with contextlib.closing(self._engine.open()) as session:
                _refuse_files(session, f"{head}\nFORMAT Null")
        parameters = {f"param_{name}": value for name, value in self._request.parameters.items()}
        settings = {**self._role.admit(self._request.settings), **parameters}
        self._session = self._engine.prepared(self._request.database, settings)
        return self._session

    def append(self, data: bytes) -> None:
        """Hand over more data; raises `EngineError`."""
        assert self._inserter is not None
        self._inserter.append(data)

    def finish_insert(self) -> Progress:
        """Commit; when this returns, the engine has the rows. Raises `EngineError`."""
        assert self._inserter is not None
        inserter, self._inserter = self._inserter, None
        return inserter.finish()

    def close(self) -> None:
        """End what is unfinished and release the session."""
        try:
            if self._inserter is not None:
                self._inserter.cancel()
            if self._blocks is not None:
                self._blocks.close()
        except EngineError as error:
            logger.warning("cannot end a statement: %s", error)
        finally:
            if self._session is not None:
                self._session.close()
            self.closed = True

    def _complete(self) -> None:
        """End the request: a session that only read or inserted is kept for the next one, any other is closed."""
        with self._ending:
            if self._session is not None and self._session.kind is not None and not self._abandoned:
                self._engine.give_back(self._session)
                self.closed = True
        if not self.closed:
            self.close()

    def _begun(self, answer: Answer, held_back: int) -> Answer:
        pieces: list[bytes] = []
        size = 0
        while size < held_back:
            block = self.next_block()
            if block is None:
                self._complete()
                return replace(answer, begin=b"".join(pieces))
            pieces.append(block)
            size += len(block)
        return replace(answer, begin=b"".join(pieces), complete=False)

    def _framed(self, blocks: Generator[bytes, None, None], chosen: str) -> Generator[bytes, None, None]:
        """The blocks in the protocol revision that the client reads."""
        if chosen != "Native" or self._request.revision < FIRST_REVISION:
            return blocks
        return _reframed(blocks)

    def _prepared(self, text: bytes) -> Session:
        settings = self._role.admit(self._request.settings)
        plain = is_select(text) and not self._request.tables and not may_name_a_file(text)
        if plain and self._request.may_write and not self._role.read_only:
            self._session = self._engine.prepared(self._request.database, settings)
            _check_statement(self._session, text)
            return self._session
        session = self._session = self._engine.open()
        if self._role.read_only:
            self._prepare_to_read(session, text, settings)
            return session
        _check_statement(session, text)
        if not self._request.may_write:
            _refuse_changes(session, text)
        session.configure(self._request.database, settings)
        for table in self._request.tables:
            name = quote_identifier(table.name)
            session.run(f"CREATE TEMPORARY TABLE {name} ({table.structure}) ENGINE = Memory", "Null", {})
            inserter = session.insert(f"INSERT INTO {name}", table.format)
            inserter.append(table.data)
            inserter.finish()
        if not self._request.may_write:
            session.configure(None, {"readonly": "2"})
        return session

    def _prepare_to_read(self, session: Session, text: bytes, settings: dict[str, str]) -> None:
        _check_text(text)
        session.configure(self._request.database, {})
        self._permission.check(session, text, self._request.parameters)
        if self._request.tables:
            raise EngineError.of(Code.ACCESS_DENIED, "Not enough privileges: this user may not bring tables")
        session.configure(None, {**settings, "readonly": "1"})


def _check_statement(session: Session, text: bytes) -> None:
    """Refuse what a ClickHouse server refuses over HTTP: several statements, and files on its own machine."""
    if b";" in text.rstrip(b"; \r\n\t"):
        _, count = session.classify(text.decode("utf-8", errors="replace"))
        if count > 1:
            raise EngineError.of(Code.SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
    if may_name_a_file(text):
        _refuse_files(session, text.decode("utf-8", errors="replace"))


def _refuse_files(session: Session, statement: str) -> None:
    """Refuse a statement that names a file; the session must lack the client's settings: some truncate its answer."""
    if names_a_file(session.formatted(statement)):
        raise EngineError.of(Code.NOT_IMPLEMENTED, "INTO OUTFILE and FROM INFILE are not possible over HTTP")


def _refuse_changes(session: Session, text: bytes) -> None:
    """Refuse what changes anything: the engine's setting `readonly` allows inserts into table functions."""
    statement = text.decode("utf-8", errors="replace")
    if session.classify(statement)[0] != "READ_ONLY":
        raise _readonly()
    if first_word(text) == "EXPLAIN" and b'"type":"InsertQuery"' in (session.structure(statement) or b""):
        raise _readonly()  # the engine opens the file to explain it


def _readonly() -> EngineError:
    return EngineError.of(Code.READONLY, "Cannot execute query in readonly mode: use POST to change data")


def _check_text(text: bytes) -> None:
    """Refuse text that the engine's several parsers could read differently."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise EngineError.of(Code.BAD_ARGUMENTS, "The statement is not UTF-8") from error
    if b"\0" in text:
        raise EngineError.of(Code.SYNTAX_ERROR, "The statement contains a zero byte")


def _once(output: bytes) -> Generator[bytes, None, None]:
    yield output


def _reframed(blocks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    with contextlib.closing(blocks):
        for block in blocks:
            yield reframed(block)
