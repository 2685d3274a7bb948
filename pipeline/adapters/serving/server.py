"""Serving HTTP until told to stop, and finishing what is in flight."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http import HttpProcessingError


def stop_signal() -> asyncio.Event:
    """Set at SIGTERM or SIGINT, which no longer end the process from now on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def served(
    application: web.Application, host: str, port: int, drain_seconds: float, *, end_abandoned: bool = False
) -> AsyncIterator[str]:
    """Serve an application, which decompresses bodies itself; at the end take nothing new and finish what is in flight.

    Args:
        application: What to serve.
        host: Where to listen.
        port: Likewise; 0 for any free one.
        drain_seconds: How long requests in flight may take to end.
        end_abandoned: Whether to end the handling of a request whose client went away.

    Yields:
        The address.

    Raises:
        OSError: The address to listen on cannot be had.
    """
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=end_abandoned,
        shutdown_timeout=drain_seconds / 2,  # it waits twice: for handlers to end, and for them to give up
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        await runner.cleanup()


class _WithoutTrace(logging.Filter):
    """Damaged requests are the client's doing: their place in our code tells nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reduce such a record to a line."""
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.msg, record.args = "damaged request: %s", (record.exc_info[1].message,)
            record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
        return True


def log_damage_in_a_line() -> None:
    """Have requests that cannot be read logged without a stack trace."""
    logging.getLogger("aiohttp.server").addFilter(_WithoutTrace())
