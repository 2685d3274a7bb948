"""The HTTP side of a request: read it, run it in threads, stream the answer."""

import asyncio
import json
import logging
import secrets
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.compression import COMPRESSORS, Compressor, choose_encoding, decompressed
from pipeline.adapters.clickhouse.endpoint.engine import Engine, Progress
from pipeline.adapters.clickhouse.endpoint.errors import QUERY_IS_TOO_LARGE, SYNTAX_ERROR, EngineError
from pipeline.adapters.clickhouse.endpoint.execution import Answer, Execution
from pipeline.adapters.clickhouse.endpoint.request import Request, read_credentials, split_parameters
from pipeline.adapters.clickhouse.endpoint.roles import Role, authenticate
from pipeline.adapters.clickhouse.endpoint.statement import Insert, split_insert

MAXIMUM_STATEMENT = 64 << 20
"""Bytes of a statement, with the data written in it; data in a format of its own are not bounded by this."""
HEAD = 64 << 10
"""Bytes of the body in which an insert must name its format."""
BUFFERED = 1 << 20
"""Bytes of an answer that are held back, so that short answers carry their errors and numbers in the header."""

logger = logging.getLogger("touchline.clickhouse")
Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


class Handler:
    """Answers `/`: everything a client asks the engine."""

    def __init__(self, engine: Engine, roles: Mapping[str, Role], threads: ThreadPoolExecutor, time_zone: str) -> None:
        self._engine = engine
        self._roles = roles
        self._threads = threads
        self._headers = {
            "X-ClickHouse-Server-Display-Name": socket.gethostname(),
            "X-ClickHouse-Timezone": time_zone,
        }

    async def __call__(self, http: web.Request) -> web.StreamResponse:
        """Answer a request; errors become ClickHouse's answers, never a stack trace."""
        started = time.monotonic()
        query_id = http.query.get("query_id") or str(uuid.uuid4())
        headers = {**self._headers, "X-ClickHouse-Query-Id": query_id}
        status, code = 200, 0
        try:
            role = authenticate(self._roles, read_credentials(http))
            return await self._answer(http, _read(http, query_id), role, headers)
        except EngineError as error:
            status, code = error.status, error.code
            headers["X-ClickHouse-Exception-Code"] = str(error.code)
            return web.Response(status=error.status, text=error.message + "\n", headers=headers)
        finally:
            elapsed = int((time.monotonic() - started) * 1000)
            logger.info("query_id=%s status=%d code=%d milliseconds=%d", query_id, status, code, elapsed)

    async def _answer(
        self, http: web.Request, request: Request, role: Role, headers: dict[str, str]
    ) -> web.StreamResponse:
        mark = str(uuid.uuid4())
        execution = await self._in_thread(Execution, self._engine, role, request, mark)
        try:
            await self._in_thread(execution.prepare)
            text, rest = await _statement(request)
            insert = split_insert(text)
            if insert is not None:
                progress = await self._insert(execution, insert, rest)
                return web.Response(headers={**headers, **_summary(progress)})
            answer = await self._in_thread(execution.run, text)
            return await self._send(http, answer, headers)
        finally:
            await self._in_thread(execution.close)

    async def _insert(self, execution: Execution, insert: Insert, rest: AsyncIterator[bytes]) -> Progress:
        inserter = await self._in_thread(execution.insert, insert)
        try:
            if insert.data:
                await self._in_thread(inserter.append, insert.data)
            async for piece in rest:
                await self._in_thread(inserter.append, piece)
            return await self._in_thread(inserter.finish)
        except BaseException:
            await self._in_thread(inserter.cancel)
            raise

    async def _send(self, http: web.Request, answer: Answer, headers: dict[str, str]) -> web.StreamResponse:
        if answer.format is not None:
            headers["X-ClickHouse-Format"] = answer.format
            headers["Content-Type"] = _content_type(answer.format)
        encoding = choose_encoding(http.headers.get("Accept-Encoding", ""))
        buffered: list[bytes] = []
        size = 0
        while size < BUFFERED:
            block = await self._in_thread(_next, answer.blocks)
            if block is None:
                body = b"".join(buffered)
                if body and encoding:
                    headers["Content-Encoding"] = encoding
                    compressor = COMPRESSORS[encoding]()
                    body = compressor.compress(body) + compressor.flush()
                return web.Response(body=body, headers={**headers, **_summary(answer.progress)})
            buffered.append(block)
            size += len(block)
        return await self._stream(http, buffered, answer.blocks, headers, encoding)

    async def _stream(
        self,
        http: web.Request,
        first: list[bytes],
        blocks: Iterator[bytes],
        headers: dict[str, str],
        encoding: str | None,
    ) -> web.StreamResponse:
        tag = secrets.token_hex(8)
        response = web.StreamResponse(headers={**headers, "X-ClickHouse-Exception-Tag": tag})
        compressor = COMPRESSORS[encoding]() if encoding else None
        if encoding:
            response.headers["Content-Encoding"] = encoding
        await response.prepare(http)
        try:
            for block in first:
                await response.write(_compressed(compressor, block))
            first.clear()
            while (following := await self._in_thread(_next, blocks)) is not None:
                await response.write(_compressed(compressor, following))
        except EngineError as error:
            await response.write(_compressed(compressor, _trailer(tag, error)))
        if compressor is not None:
            await response.write(compressor.flush())
        await response.write_eof()
        return response

    async def _in_thread(
        self, function: Callable[Arguments, Value], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*arguments, **named))


def _read(http: web.Request, query_id: str) -> Request:
    settings, parameters = split_parameters(http.query)
    body = decompressed(http.content.iter_any(), http.headers.get("Content-Encoding", ""))
    return Request(
        query=http.query.get("query", "").encode(),
        body=body,
        database=http.query.get("database") or http.headers.get("X-ClickHouse-Database"),
        settings=settings,
        parameters=parameters,
        default_format=http.query.get("default_format") or http.headers.get("X-ClickHouse-Format") or "TabSeparated",
        query_id=query_id,
        may_write=http.method != "GET",
    )


async def _statement(request: Request) -> tuple[bytes, AsyncIterator[bytes]]:
    """The statement, and the rest of the body if the statement is an insert whose data follow."""
    text = request.query + b"\n" if request.query else b""
    insert = split_insert(text) if text else None
    if insert is not None:
        return text, request.body
    buffer = bytearray(text)
    async for piece in request.body:
        buffer += piece
        if len(buffer) >= HEAD and split_insert(bytes(buffer[:HEAD])) is not None:
            return bytes(buffer), request.body
        if len(buffer) > MAXIMUM_STATEMENT:
            raise EngineError.of(
                QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", f"The statement exceeds {MAXIMUM_STATEMENT} bytes"
            )
    if not buffer.strip():
        raise EngineError.of(SYNTAX_ERROR, "SYNTAX_ERROR", "Empty query")
    return bytes(buffer), request.body


def _next(blocks: Iterator[bytes]) -> bytes | None:
    return next(blocks, None)


def _compressed(compressor: Compressor | None, data: bytes) -> bytes:
    return compressor.compress(data) if compressor is not None else data


def _summary(progress: Progress) -> dict[str, str]:
    numbers = {
        "read_rows": progress.read_rows,
        "read_bytes": progress.read_bytes,
        "written_rows": progress.written_rows,
        "written_bytes": progress.written_bytes,
    }
    return {"X-ClickHouse-Summary": json.dumps({name: str(number) for name, number in numbers.items()})}


def _trailer(tag: str, error: EngineError) -> bytes:
    message = error.message.encode() + b"\n"
    return b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (
        tag.encode(),
        message,
        len(message),
        tag.encode(),
    )


def _content_type(name: str) -> str:
    if name.startswith(("TabSeparated", "TSV")):
        return "text/tab-separated-values; charset=UTF-8"
    if name.startswith("CSV"):
        return "text/csv; charset=UTF-8; header=" + ("present" if "Names" in name else "absent")
    if name in ("JSONEachRow", "JSONLines", "NDJSON"):
        return "application/x-ndjson; charset=UTF-8"
    if name.startswith("JSON"):
        return "application/json; charset=UTF-8"
    if name.startswith(("Pretty", "Vertical", "Markdown")):
        return "text/plain; charset=UTF-8"
    return "application/octet-stream"
