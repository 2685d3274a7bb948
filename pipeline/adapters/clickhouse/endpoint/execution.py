"""One request on the engine: session, permission, and the statement by its kind."""

import contextlib
import logging
from collections.abc import Generator
from dataclasses import dataclass, field

from pipeline.adapters.clickhouse.endpoint.engine import Engine, Inserter, Progress, Session, quote_identifier
from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.native import FIRST_REVISION, reframed
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.request import Request
from pipeline.adapters.clickhouse.endpoint.roles import Role
from pipeline.adapters.clickhouse.endpoint.statement import Insert, has_result, is_select, names, output_format

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
"""Formats without header and footer: the engine writes each block as a document of its own, so only these join."""


logger = logging.getLogger("touchline.clickhouse")


@dataclass(frozen=True)
class Answer:
    """What comes back from a statement besides the blocks of its result."""

    format: str | None = None
    """None if the statement has no result."""
    progress: Progress = field(default_factory=Progress)
    """Not known for a result that is streamed."""


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

    @property
    def can_be_ended(self) -> bool:
        """Whether what runs now changes no data, and so is ended when its client goes away."""
        return self._reads

    def run(self, text: bytes) -> Answer:
        """Run a statement that brings no data; raises `EngineError`."""
        self._reads |= is_select(text)
        session = self._session = self._engine.open()
        self._prepare(session, text)
        default_format = self._request.default_format
        chosen = output_format(text) or default_format
        if is_select(text) and chosen in STREAMED_FORMATS:
            self._blocks = self._framed(session.stream(text, default_format, self._request.parameters), chosen)
            return Answer(chosen)
        output, progress = session.run(text, default_format, self._request.parameters)
        self._blocks = self._framed(_once(output), chosen)
        return Answer(chosen if output or has_result(text) else None, progress)

    def next_block(self) -> bytes | None:
        """The next piece of the result, None after the last; raises `EngineError`."""
        return next(self._blocks, None) if self._blocks is not None else None

    def begin_insert(self, insert: Insert) -> None:
        """Begin an insert of data; raises `EngineError`."""
        if self._role.read_only:
            raise EngineError.of(Code.ACCESS_DENIED, "Not enough privileges: this user may only read")
        if not self._request.may_write:
            raise EngineError.of(Code.READONLY, "Cannot execute query in readonly mode: use POST to change data")
        session = self._session = self._engine.open()
        parameters = {f"param_{name}": value for name, value in self._request.parameters.items()}
        session.configure(self._request.database, {**self._settings(), **parameters})
        self._inserter = session.insert(insert.head, insert.format or "Values")
        if insert.data:
            self.append(insert.data)

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

    def _framed(self, blocks: Generator[bytes, None, None], chosen: str) -> Generator[bytes, None, None]:
        """The blocks in the revision of the protocol that the client reads."""
        if chosen != "Native" or self._request.revision < FIRST_REVISION:
            return blocks
        return _reframed(blocks)

    def _settings(self) -> dict[str, str]:
        return {**self._role.admit(self._request.settings), "log_comment": self._request.mark}

    def _prepare(self, session: Session, text: bytes) -> None:
        settings = self._settings()
        if self._role.read_only:
            _check_text(text)
            session.configure(self._request.database, {})
            self._permission.check(session, text, self._request.parameters)
            if self._request.tables:
                raise EngineError.of(Code.ACCESS_DENIED, "Not enough privileges: this user may not bring tables")
            session.configure(None, {**settings, "readonly": "1"})
            return
        _check_statement(session, text)
        session.configure(self._request.database, settings)
        for table in self._request.tables:
            name = quote_identifier(table.name)
            session.run(f"CREATE TEMPORARY TABLE {name} ({table.structure}) ENGINE = Memory", "Null", {})
            inserter = session.insert(f"INSERT INTO {name}", table.format)
            inserter.append(table.data)
            inserter.finish()
        if not self._request.may_write:
            session.configure(None, {"readonly": "2"})


def _check_statement(session: Session, text: bytes) -> None:
    """Refuse what a ClickHouse server refuses over HTTP: several statements, and files of its own machine."""
    if b";" in text.rstrip(b"; \r\n\t"):
        _, count = session.classify(text.decode("utf-8", errors="replace"))
        if count > 1:
            raise EngineError.of(Code.SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
    lowered = text.lower()
    if (b"outfile" in lowered or b"infile" in lowered) and not {"outfile", "infile"}.isdisjoint(names(text)):
        raise EngineError.of(Code.NOT_IMPLEMENTED, "INTO OUTFILE and FROM INFILE are not possible over HTTP")


def _check_text(text: bytes) -> None:
    """Make sure that every reader of the text sees the same: the engine has several."""
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
