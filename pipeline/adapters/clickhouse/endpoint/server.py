"""The server: routes, start, and a stop that finishes what is in flight."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.engine import DataDirectoryError, Engine, EngineOptions
from pipeline.adapters.clickhouse.endpoint.guard import guard
from pipeline.adapters.clickhouse.endpoint.handler import Handler
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.roles import Role, default_roles
from pipeline.adapters.clickhouse.endpoint.threads import EngineThreads
from pipeline.adapters.serving.loopback import LOOPBACK
from pipeline.adapters.serving.server import log_damage_in_a_line, served, stop_signal

logger = logging.getLogger("touchline.clickhouse")


@dataclass(frozen=True)
class EndpointPolicy:
    """How the endpoint serves."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8123
    """0 for any free port."""
    roles: Mapping[str, Role] = field(default_factory=default_roles)
    options: EngineOptions = field(default_factory=EngineOptions)
    threads: int = 32
    drain_seconds: float = 10.0
    """How long requests in flight may take to end once the server is told to stop."""


def create_application(engine: Engine, threads: EngineThreads, policy: EndpointPolicy) -> web.Application:
    """The routes of ClickHouse's HTTP interface over an open engine."""
    session = engine.open()
    permission = ReadPermission(session)
    session.close()
    handler = Handler(engine, permission, policy.roles, threads)
    application = web.Application(middlewares=[guard(policy.host in LOOPBACK)])
    application.router.add_route("GET", "/", handler.answer)
    application.router.add_route("POST", "/", handler.answer)
    for path in ("/ping", "/replicas_status"):
        application.router.add_get(path, _alive)
    application.router.add_route("*", "/{path:.*}", _unknown)
    return application


async def serve(policy: EndpointPolicy) -> None:
    """Serve until SIGTERM or SIGINT; raises `DataDirectoryError` and `OSError` (address in use)."""
    stop = stop_signal()
    engine = Engine(policy.data, policy.options)
    threads = EngineThreads(engine, policy.threads)
    try:
        application = create_application(engine, threads, policy)
        async with served(application, policy.host, policy.port, policy.drain_seconds, end_abandoned=True) as address:
            sys.stdout.write(f"ready {address}\n")
            sys.stdout.flush()
            await stop.wait()
            logger.info("stopping")
    finally:
        try:
            await threads.shutdown()
        finally:
            engine.close()


def run(policy: EndpointPolicy) -> int:
    """Run the server in this process; returns its exit status."""
    os.environ["TZ"] = "UTC"  # before the engine is loaded: the same times on every machine
    time.tzset()
    _log_to_stderr()
    if policy.host not in LOOPBACK and not policy.roles["default"].password:
        logger.error("cannot start: on %s the user default needs a password", policy.host)
        return 1
    try:
        asyncio.run(serve(policy))
    except (DataDirectoryError, OSError) as error:
        logger.error("cannot start: %s", error)
        return 1
    return 0


class _OneLine(logging.Formatter):
    """Each record on a line of its own, stack traces too."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", "\\n")


def _log_to_stderr() -> None:
    log_damage_in_a_line()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)sZ level=%(levelname)s logger=%(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


async def _unknown(request: web.Request) -> web.Response:
    text = f"There is no handle {request.path}\n\nUse / or /ping for health checks, and POST queries to /.\n"
    return web.Response(status=404, text=text)
