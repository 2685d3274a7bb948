"""Serves HTTP until told to stop, then finishes the requests in flight."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http import HttpProcessingError


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; from now on they no longer end the process."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def served(
    application: web.Application, host: str, port: int, drain_seconds: float, *, end_abandoned: bool = False
) -> AsyncIterator[str]:
    """Serve an application, which decompresses bodies itself; at the end accept nothing new, finish what is in flight.

    Args:
        application: What to serve.
        host: The address to listen on.
        port: The port to listen on; 0 for any free one.
        drain_seconds: How long requests in flight may take to finish.
        end_abandoned: Whether to cancel the handler of a request whose client has disconnected.

    Yields:
        The address.

    Raises:
        OSError: The address cannot be bound.
    """
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=end_abandoned,
        shutdown_timeout=drain_seconds / 2,  # aiohttp waits twice: for handlers to finish, then to give up
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        await runner.cleanup()


class _WithoutTrace(logging.Filter):
    """Drops the stack traces of malformed requests: the client is at fault, and our call stack explains nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reduce such a record to a line."""
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.msg, record.args = "damaged request: %s", (record.exc_info[1].message,)
            record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
        return True


def log_damage_in_a_line() -> None:
    """Log malformed requests in one line, without a stack trace."""
    logging.getLogger("aiohttp.server").addFilter(_WithoutTrace())
