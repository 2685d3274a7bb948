"""Sends the result of a statement: whole if it is short, streamed if it is not."""

import json
import secrets

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.errors import EngineError
from pipeline.adapters.clickhouse.endpoint.execution import Answer, Execution
from pipeline.adapters.clickhouse.endpoint.request import Request
from pipeline.adapters.clickhouse.endpoint.session import Progress
from pipeline.adapters.clickhouse.endpoint.threads import Lane
from pipeline.adapters.serving.compression import COMPRESSORS, choose_encoding

HELD_BACK = 256 << 10
"""Bytes of an answer that are held back until its end, so that errors in a short answer show in the status."""
HELD_BACK_TO_END = 8 << 20
"""The same for a client that asks to wait for the end of the query; longer answers are still streamed."""


def held_back(request: Request) -> int:
    """Bytes of the answer to a request that are held back until its end."""
    return HELD_BACK_TO_END if request.wait_end_of_query else HELD_BACK


async def send_answer(
    http: web.Request, request: Request, lane: Lane, execution: Execution, answer: Answer, headers: dict[str, str]
) -> web.StreamResponse:
    """Send the result of a statement; raises `EngineError` as long as nothing has been sent."""
    if answer.format is not None:
        headers |= {"X-ClickHouse-Format": answer.format, "Content-Type": _content_type(answer.format)}
    encoding = choose_encoding(request.accept_encoding)
    if answer.complete:
        headers["X-ClickHouse-Summary"] = summary(answer.progress)
        return _whole(answer.begin, headers, encoding)
    return await _stream(http, lane, execution, answer.begin, headers, encoding)


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


async def _stream(
    http: web.Request, lane: Lane, execution: Execution, first: bytes, headers: dict[str, str], encoding: str | None
) -> web.StreamResponse:
    tag = secrets.token_hex(8)
    response = web.StreamResponse(headers={**headers, "X-ClickHouse-Exception-Tag": tag})
    compressor = COMPRESSORS[encoding]() if encoding else None
    if encoding:
        response.headers["Content-Encoding"] = encoding
    await response.prepare(http)

    async def write(data: bytes) -> None:
        await response.write(compressor.compress(data) if compressor is not None else data)

    await write(first)
    failed = False
    try:
        while (block := await lane.call(execution.next_block)) is not None:
            await write(block)
    except EngineError as error:
        failed = True
        await write(_trailer(tag, error))
    if compressor is not None:
        await response.write(compressor.flush())
    if failed:
        # Without the end of the last chunk, clients that do not know the trailer see that the answer is incomplete.
        response.force_close()
        if http.transport is not None:
            http.transport.close()
    else:
        await response.write_eof()
    return response


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
