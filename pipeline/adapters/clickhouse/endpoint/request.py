"""What a request asks for: statement, settings, parameters, format and data, wherever the client put them."""

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.statement import split_insert
from pipeline.adapters.serving.compression import CompressionError, decompressed

TRANSPORT_PARAMETERS = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_write_exception_in_output_format",
        "http_zlib_compression_level",
        "log_comment",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    }
)
"""Parameters of the HTTP interface that are not, or must not become, settings of the engine."""

MAXIMUM_STATEMENT = 64 << 20
"""Bytes of a statement; data that follows an insert's VALUES or FORMAT clause is not counted."""
INSERT_HEAD = 64 << 10
"""An insert must name its format within so many bytes of the body for its data to be streamed."""
PIECE = 1 << 20
"""Bytes of an insert's data that are gathered before the engine gets them: each piece costs a thread switch."""

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class ExternalTable:
    """A table that the client sends along with its query."""

    name: str
    structure: str
    format: str
    data: bytes


@dataclass
class Request:
    """One request, parsed but not yet authorised."""

    query: bytes
    """The part of the statement from the URL or a form; the rest is at the start of the body."""
    body: AsyncIterator[bytes]
    """The request's body, decompressed; empty if it was a form."""
    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tables: list[ExternalTable] = field(default_factory=list)
    default_format: str = "TabSeparated"
    accept_encoding: str = ""
    wait_end_of_query: bool = False
    may_write: bool = True
    """False for GET, as on a ClickHouse server."""
    revision: int = 0
    """The protocol revision in which the client reads the Native format."""


async def read_request(http: web.Request) -> Request:
    """Parse a request; raises `EngineError` if it is malformed."""
    fields = dict(http.query)
    body = _plain(http)
    tables: list[ExternalTable] = []
    if http.content_type == "multipart/form-data":
        tables = await _read_form(http, fields)
        body = _nothing()
    settings, parameters = _split_fields(fields)
    return Request(
        query=fields.get("query", "").encode("utf-8", errors="surrogateescape"),
        body=body,
        database=fields.get("database") or http.headers.get("X-ClickHouse-Database"),
        settings=settings,
        parameters=parameters,
        tables=tables,
        default_format=fields.get("default_format") or http.headers.get("X-ClickHouse-Format") or "TabSeparated",
        accept_encoding=http.headers.get("Accept-Encoding", ""),
        wait_end_of_query=fields.get("wait_end_of_query") in ("1", "true"),
        may_write=http.method != "GET",
        revision=_revision(fields.get("client_protocol_version", "")),
    )


async def read_statement(request: Request) -> bytes:
    """The statement; the rest of an insert's data is left in the request's body.

    Raises `EngineError` if there is no statement, or it is too long.
    """
    text = request.query + b"\n" if request.query else b""
    if text and split_insert(text) is not None:
        return text
    buffer = bytearray(text)
    async for piece in request.body:
        buffer += piece
        if len(buffer) >= INSERT_HEAD and split_insert(bytes(buffer[:INSERT_HEAD])) is not None:
            break
        if len(buffer) > MAXIMUM_STATEMENT:
            raise EngineError.of(Code.QUERY_IS_TOO_LARGE, f"The statement exceeds {MAXIMUM_STATEMENT} bytes")
    if not buffer.strip():
        raise EngineError.of(Code.SYNTAX_ERROR, "Empty query")
    return bytes(buffer)


async def gathered(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of at least `PIECE`, but for the last."""
    buffer = bytearray()
    async for piece in body:
        buffer += piece
        if len(buffer) >= PIECE:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def read_credentials(http: web.Request) -> tuple[str, str]:
    """User and password from HTTP basic authentication, ClickHouse's headers or the URL, in this order."""
    authorization = http.headers.get("Authorization", "")
    if authorization.lower().startswith("basic "):
        try:
            user, _, password = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise EngineError.of(Code.BAD_ARGUMENTS, "The Authorization header is damaged") from error
        return user or "default", password
    if "X-ClickHouse-User" in http.headers:
        return http.headers["X-ClickHouse-User"], http.headers.get("X-ClickHouse-Key", "")
    return http.query.get("user", "default"), http.query.get("password", "")


async def _plain(http: web.Request) -> AsyncIterator[bytes]:
    """The decompressed body."""
    try:
        async for piece in decompressed(http.content.iter_any(), http.headers.get("Content-Encoding", "")):
            yield piece
    except CompressionError as error:
        raise EngineError.of(Code.CANNOT_DECOMPRESS, str(error)) from error


async def _read_form(http: web.Request, fields: dict[str, str]) -> list[ExternalTable]:
    tables: list[ExternalTable] = []
    size = 0
    async for part in await http.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise EngineError.of(Code.BAD_ARGUMENTS, "A part of the form has no name")
        data = bytearray()
        while piece := await part.read_chunk(1 << 16):
            size += len(piece)
            if size > MAXIMUM_STATEMENT:
                raise EngineError.of(Code.QUERY_IS_TOO_LARGE, f"The form exceeds {MAXIMUM_STATEMENT} bytes")
            data += piece
        if part.filename is None:
            fields[part.name] = data.decode("utf-8", errors="surrogateescape")
        else:
            tables.append(_external_table(part.name, bytes(data), fields))
    return tables


def _external_table(name: str, data: bytes, fields: dict[str, str]) -> ExternalTable:
    input_format = fields.pop(f"{name}_format", "TabSeparated")
    structure = fields.pop(f"{name}_structure", "")
    if not structure:
        types = fields.pop(f"{name}_types", "")
        structure = ", ".join(f"_{place} {kind}" for place, kind in enumerate(types.split(","), start=1))
    return ExternalTable(name, structure, input_format, data)


def _split_fields(fields: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Sort the fields of a URL or form into the engine's settings and the statement's parameters (`param_*`)."""
    settings: dict[str, str] = {}
    parameters: dict[str, str] = {}
    for name, value in fields.items():
        if name.startswith("param_"):
            parameters[name.removeprefix("param_")] = value
        elif name in ("compress", "decompress") and value not in ("", "0", "false"):
            raise EngineError.of(Code.NOT_IMPLEMENTED, f"{name}=1 is not possible here; use Content-Encoding instead")
        elif name not in TRANSPORT_PARAMETERS:
            if not _SETTING_NAME.fullmatch(name):
                raise EngineError.of(Code.UNKNOWN_SETTING, f"Unknown setting '{name}'")
            settings[name] = value
    return settings, parameters


def _revision(text: str) -> int:
    if not text.isdecimal():
        if text:
            raise EngineError.of(Code.BAD_ARGUMENTS, f"client_protocol_version is no number: {text}")
        return 0
    return int(text)


async def _nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for piece in empty:
        yield piece
