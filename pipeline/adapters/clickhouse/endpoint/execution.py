"""One request on the engine: session, permission, and the statement's kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.adapters.clickhouse.endpoint.engine import Engine, Inserter, Progress
from pipeline.adapters.clickhouse.endpoint.errors import READONLY, EngineError
from pipeline.adapters.clickhouse.endpoint.request import Request
from pipeline.adapters.clickhouse.endpoint.roles import Role
from pipeline.adapters.clickhouse.endpoint.statement import Insert, is_select, output_format

STREAMED_FORMATS = frozenset(
    {
        "Native",
        "TabSeparated",
        "TSV",
        "TabSeparatedRaw",
        "TSVRaw",
        "CSV",
        "RowBinary",
        "JSONEachRow",
        "JSONLines",
        "NDJSON",
    }
)
"""Formats without a header or footer: the engine writes each block as a whole document, so only these can be joined."""


@dataclass(frozen=True)
class Answer:
    """What a statement that is not an insert of data gives."""

    blocks: Iterator[bytes]
    format: str | None
    """None if the statement has no result."""
    progress: Progress


class Execution:
    """Runs one request. All methods block; call them in a thread, one at a time."""

    def __init__(self, engine: Engine, role: Role, request: Request, mark: str) -> None:
        self._session = engine.open()
        self._role = role
        self._request = request
        self._mark = mark

    def prepare(self) -> None:
        """Apply role, database and settings; raises `EngineError`."""
        settings = {**self._role.settings, **self._request.settings, "log_comment": self._mark}
        if self._role.read_only or not self._request.may_write:
            settings["readonly"] = "1"
        self._session.configure(self._request.database, settings)

    def run(self, text: bytes) -> Answer:
        """Run a statement that brings no data."""
        kind, count = self._session.classify(text.decode("utf-8", errors="replace"))
        if count > 1:
            raise EngineError.of(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
        chosen = output_format(text) or self._request.default_format
        if self._role.read_only and kind != "READ_ONLY":
            raise EngineError.of(READONLY, "READONLY", f"{self._role.name}: Cannot execute query in readonly mode.")
        if kind == "READ_ONLY" and chosen in STREAMED_FORMATS and is_select(text):
            blocks = self._session.stream(text, self._request.default_format, self._request.parameters)
            return Answer(blocks, chosen, Progress())
        output, progress = self._session.run(text, self._request.default_format, self._request.parameters)
        return Answer(iter((output,)), chosen if kind == "READ_ONLY" or output else None, progress)

    def insert(self, insert: Insert) -> Inserter:
        """Begin an insert of data."""
        if self._role.read_only or not self._request.may_write:
            raise EngineError.of(READONLY, "READONLY", f"{self._role.name}: Cannot execute query in readonly mode.")
        if self._request.parameters:
            self._session.configure(None, {f"param_{name}": value for name, value in self._request.parameters.items()})
        return self._session.insert(insert.head, insert.format or "Values")

    def close(self) -> None:
        """Release the session."""
        self._session.close()
