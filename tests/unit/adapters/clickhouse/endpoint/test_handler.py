"""Errors that come after part of an answer was sent."""

import asyncio
import gzip
import time
from collections.abc import Callable, Iterator
from unittest.mock import create_autospec

import pytest
from aiohttp import web

from pipeline.adapters.clickhouse.endpoint import handler
from pipeline.adapters.clickhouse.endpoint.engine import Engine
from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.execution import Answer
from pipeline.adapters.clickhouse.endpoint.handler import Handler
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.roles import Role
from pipeline.adapters.clickhouse.endpoint.threads import EngineThreads
from pipeline.adapters.serving.server import served

DEADLINE_SECONDS = 0.5
BEGIN = b"1\n"


def slow_engine() -> bytes:
    time.sleep(DEADLINE_SECONDS / 4)
    return b"2\n"


def fast_engine() -> bytes:
    """More than a connection takes before its client reads."""
    return bytes(1 << 20)


def failing_engine() -> bytes:
    raise EngineError.of(Code.TOO_MANY_SIMULTANEOUS_QUERIES, "Too many")


def broken_engine() -> bytes:
    raise KeyError


@pytest.mark.parametrize(
    ("next_block", "encoding", "code"),
    [
        (slow_engine, "identity", Code.TIMEOUT_EXCEEDED),
        (slow_engine, "gzip", Code.TIMEOUT_EXCEEDED),
        (fast_engine, "identity", Code.TIMEOUT_EXCEEDED),
        (failing_engine, "gzip", Code.TOO_MANY_SIMULTANEOUS_QUERIES),
        (broken_engine, "identity", Code.UNKNOWN_EXCEPTION),
    ],
)
async def test_the_answer_ends_with_the_error(
    monkeypatch: pytest.MonkeyPatch, next_block: Callable[[], bytes], encoding: str, code: Code
) -> None:
    reply = await read_late(monkeypatch, next_block, encoding)
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    sent = b"".join(chunks(body))  # all are complete, and no last one says that the answer is
    sent = gzip.decompress(sent) if encoding == "gzip" else sent
    assert sent.startswith(BEGIN)
    assert sent.endswith(b"\r\n__exception__\r\n")
    assert f"Code: {code:d}. DB::Exception: ".encode() in sent[-300:]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_what_fails_after_the_end_of_an_answer_leaves_it_whole(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    reply = await read_late(monkeypatch, lambda: None, encoding, close=broken_engine)
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body.endswith(b"0\r\n\r\n")
    sent = b"".join(chunks(body.removesuffix(b"0\r\n\r\n")))
    assert (gzip.decompress(sent) if encoding == "gzip" else sent) == BEGIN


async def read_late(
    monkeypatch: pytest.MonkeyPatch,
    next_block: Callable[[], bytes | None],
    encoding: str,
    close: Callable[[], object] = lambda: None,
) -> bytes:
    """Everything that a client receives if it begins to read only after the deadline."""

    class Streaming:
        closed = False

        def __init__(self, *_: object) -> None:
            pass

        def run(self, *_: object) -> Answer:
            return Answer("TSV", begin=BEGIN, complete=False)

        def next_block(self) -> bytes | None:
            return next_block()

        def close(self) -> None:
            close()
            self.closed = True

        def abandon(self) -> None:
            pass

    monkeypatch.setattr(handler, "Execution", Streaming)
    engine = create_autospec(Engine, instance=True)
    engine.time_zone.return_value = "UTC"
    threads = EngineThreads(engine, 1)
    roles = {"default": Role("default", deadline_seconds=DEADLINE_SECONDS)}
    application = web.Application()
    answer = Handler(engine, create_autospec(ReadPermission, instance=True), roles, threads).answer
    application.router.add_route("POST", "/", answer)
    async with served(application, "127.0.0.1", 0, 1.0) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        headers = ["Host: t", "Connection: close", f"Accept-Encoding: {encoding}", "Content-Length: 8"]
        writer.write("\r\n".join(["POST / HTTP/1.1", *headers, "", "SELECT 1"]).encode())
        await asyncio.sleep(2 * DEADLINE_SECONDS)
        async with asyncio.timeout(10):
            received = await reader.read()
        writer.close()
    await threads.shutdown()
    return received


def chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        assert length
        assert rest[length : length + 2] == b"\r\n"
        yield rest[:length]
        body = rest[length + 2 :]
