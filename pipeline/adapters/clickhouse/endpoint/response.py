"""Sends the result of a statement, whole if it is short and streamed if it is not, or an error."""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.errors import EngineError
from pipeline.adapters.clickhouse.endpoint.execution import Answer, Execution
from pipeline.adapters.clickhouse.endpoint.request import Request
from pipeline.adapters.clickhouse.endpoint.session import Progress
from pipeline.adapters.clickhouse.endpoint.threads import Lane
from pipeline.adapters.serving.compression import COMPRESSORS, Compressor, choose_encoding

HELD_BACK = 256 << 10
"""Bytes of an answer that are held back until its end, so that errors in a short answer show in the status."""
HELD_BACK_TO_END = 8 << 20
"""The same for a client that asks to wait for the end of the query; longer answers are still streamed."""


def held_back(request: Request) -> int:
    """Bytes of the answer to a request that are held back until its end."""
    return HELD_BACK_TO_END if request.wait_end_of_query else HELD_BACK


class Reply:
    """The reply to one request."""

    def __init__(self, http: web.Request, headers: dict[str, str]) -> None:
        self.headers = headers
        """The headers of the result or the error."""
        self._http = http
        self._stream: _Stream | None = None

    async def answer(self, request: Request, lane: Lane, execution: Execution, answer: Answer) -> web.StreamResponse:
        """Send the result of a statement; if this raises an error, part of the result may have been sent."""
        if answer.format is not None:
            self.headers |= {"X-ClickHouse-Format": answer.format, "Content-Type": _content_type(answer.format)}
        encoding = choose_encoding(request.accept_encoding)
        if answer.complete:
            self.headers["X-ClickHouse-Summary"] = summary(answer.progress)
            return _whole(answer.begin, self.headers, encoding)
        stream = self._stream = await _begun(self._http, self.headers, encoding)
        await stream.write(answer.begin)
        while (block := await lane.call(execution.next_block)) is not None:
            await stream.write(block)
        await stream.finish()
        return stream.response  # aiohttp ends the body once the handler is done: then nothing can fail any more

    async def fail(self, error: EngineError) -> web.StreamResponse:
        """Send an error: as the reply, or as the end of a result of which part has been sent; not after its end."""
        if self._stream is not None:
            return await self._stream.break_off(self._http, error)
        self.headers["X-ClickHouse-Exception-Code"] = str(error.code)
        return web.Response(status=error.status, text=error.message + "\n", headers=self.headers)


def summary(progress: Progress) -> str:
    """The value of `X-ClickHouse-Summary`."""
    numbers = {
        "read_rows": progress.read_rows,
        "read_bytes": progress.read_bytes,
        "written_rows": progress.written_rows,
        "written_bytes": progress.written_bytes,
    }
    return json.dumps({name: str(number) for name, number in numbers.items()})


def _whole(body: bytes, headers: dict[str, str], encoding: str | None) -> web.Response:
    if body and encoding:
        compressor = COMPRESSORS[encoding]()
        body = compressor.compress(body) + compressor.flush()
        headers["Content-Encoding"] = encoding
    return web.Response(body=body, headers=headers)


async def _begun(http: web.Request, headers: dict[str, str], encoding: str | None) -> "_Stream":
    tag = secrets.token_hex(8)
    response = web.StreamResponse(headers={**headers, "X-ClickHouse-Exception-Tag": tag})
    if encoding:
        response.headers["Content-Encoding"] = encoding
    await response.prepare(http)
    return _Stream(response, tag, COMPRESSORS[encoding]() if encoding else None)


@dataclass
class _Stream:
    """A reply that is sent piece by piece."""

    response: web.StreamResponse
    tag: str
    compressor: Compressor | None
    finished: bool = False

    async def write(self, data: bytes) -> None:
        """Send a piece, at the pace of the reader."""
        await self.response.write(self.compressor.compress(data) if self.compressor is not None else data)

    async def finish(self, data: bytes = b"") -> None:
        """Send the last piece, without waiting for the reader."""
        self.finished = True
        if self.compressor is not None:
            data = self.compressor.compress(data) + self.compressor.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):  # `write` hands over the data before it first waits
                await self.response.write(data)

    async def break_off(self, http: web.Request, error: EngineError) -> web.StreamResponse:
        """Send an error as the end of the reply, and close the connection, unless the reply has ended."""
        if self.finished:
            return self.response
        try:
            with contextlib.suppress(ConnectionError):
                await self.finish(_trailer(self.tag, error))
        finally:
            # Without the end of the last chunk, clients that do not know the trailer see that the reply is incomplete.
            self.response.force_close()
            if http.transport is not None:
                http.transport.close()
        return self.response


def _trailer(tag: str, error: EngineError) -> bytes:
    """The end of an answer that fails after its status was sent, as ClickHouse has written it since 25.11."""
    message = error.message.encode() + b"\n"
    mark = tag.encode()
    return b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (mark, message, len(message), mark)


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
