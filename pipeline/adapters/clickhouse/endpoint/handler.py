"""Handles one request from its arrival to its answer, errors included."""

import asyncio
import logging
import socket
import time
import uuid
from collections.abc import Mapping

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.engine import Engine
from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.execution import Execution
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.request import (
    PIECE,
    Request,
    gathered,
    read_credentials,
    read_request,
    read_statement,
)
from pipeline.adapters.clickhouse.endpoint.response import Reply, held_back, summary
from pipeline.adapters.clickhouse.endpoint.roles import Role, authenticate
from pipeline.adapters.clickhouse.endpoint.statement import Insert, split_insert
from pipeline.adapters.clickhouse.endpoint.threads import EngineThreads, Lane

CLIENT_CLOSED = 499
"""The status in the log for a client that disconnected."""

logger = logging.getLogger("touchline.clickhouse")


class Handler:
    """Answers `/`: everything a client asks the engine."""

    def __init__(
        self, engine: Engine, permission: ReadPermission, roles: Mapping[str, Role], threads: EngineThreads
    ) -> None:
        self._engine = engine
        self._permission = permission
        self._roles = roles
        self._threads = threads
        self._slots = {name: asyncio.Semaphore(role.concurrency) for name, role in roles.items()}
        self._headers = {
            "X-ClickHouse-Server-Display-Name": socket.gethostname(),
            "X-ClickHouse-Timezone": engine.time_zone(),
        }

    async def answer(self, http: web.Request) -> web.StreamResponse:
        """Answer a request; errors become ClickHouse's answers, never a stack trace."""
        query_id = http.query.get("query_id") or str(uuid.uuid4())
        reply = Reply(http, {**self._headers, "X-ClickHouse-Query-Id": _printable(query_id)})
        started = time.monotonic()
        status, code, user = CLIENT_CLOSED, 0, ""
        try:
            user, password = read_credentials(http)
            role = authenticate(self._roles, user, password)
            response = await self._admitted(http, role, reply)
            status = response.status
        except EngineError as error:
            status, code = error.status, error.code
            response = await reply.fail(error)
        except ConnectionError:
            response = web.Response(status=CLIENT_CLOSED)
        except Exception:
            logger.exception("query_id=%s failed", query_id)
            status, code = 500, int(Code.UNKNOWN_EXCEPTION)
            response = await reply.fail(EngineError.of(Code.UNKNOWN_EXCEPTION, "Internal error: see the server's log"))
        finally:
            _log(query_id, user, status, code, time.monotonic() - started)
        return response

    async def _admitted(self, http: web.Request, role: Role, reply: Reply) -> web.StreamResponse:
        if http.method == "GET" and "query" not in http.query:
            return web.Response(text="Ok.\n", headers=reply.headers)
        slot = self._slots[role.name]
        try:
            async with asyncio.timeout(role.wait_seconds):
                await slot.acquire()
        except TimeoutError as error:
            raise EngineError.of(
                Code.TOO_MANY_SIMULTANEOUS_QUERIES, f"Too many simultaneous queries for user {role.name}"
            ) from error
        try:
            async with asyncio.timeout(role.deadline_seconds):
                return await self._answer(http, role, reply)
        except TimeoutError as error:
            text = f"Timeout exceeded: maximum {role.deadline_seconds} seconds with sending the answer"
            raise EngineError.of(Code.TIMEOUT_EXCEEDED, text) from error
        finally:
            slot.release()

    async def _answer(self, http: web.Request, role: Role, reply: Reply) -> web.StreamResponse:
        request = await read_request(http)
        text = await read_statement(request)
        execution = Execution(self._engine, self._permission, role, request)
        lane = self._threads.lane()
        try:
            if (insert := split_insert(text)) is not None:
                return await _insert(request, insert, lane, execution, reply.headers)
            answer = await lane.call(execution.run, text, held_back(request))
            return await reply.answer(request, lane, execution, answer)
        finally:
            if not execution.closed:
                await lane.release(execution.close, execution.abandon)


async def _insert(
    request: Request, insert: Insert, lane: Lane, execution: Execution, headers: dict[str, str]
) -> web.Response:
    pieces = gathered(request.body)
    first = await anext(pieces, b"")
    if len(first) < PIECE:
        progress = await lane.call(execution.insert, insert, first)
    else:
        await lane.call(execution.begin_insert, insert)
        await lane.call(execution.append, first)
        async for piece in pieces:
            await lane.call(execution.append, piece)
        progress = await lane.call(execution.finish_insert)
    headers["X-ClickHouse-Summary"] = summary(progress)
    return web.Response(headers=headers)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:256]


def _log(query_id: str, user: str, status: int, code: int, seconds: float) -> None:
    level = logging.WARNING if status == 500 else logging.INFO if status >= 400 or seconds > 5 else logging.DEBUG
    logger.log(
        level, "query_id=%r user=%r status=%d code=%d milliseconds=%d", query_id, user, status, code, seconds * 1000
    )
