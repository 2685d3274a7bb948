"""Serving until told to stop."""

import asyncio
import logging
import signal

from aiohttp import web
from aiohttp.http import HttpProcessingError

from agents.collector.app import create_application
from agents.collector.broker import Broker, producers
from agents.collector.metrics import CollectorMetrics
from pipeline.adapters.broker.servers import servers_of
from pipeline.settings.model import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

log = logging.getLogger("touchline.collector")


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing new, finish what is in flight, and stop.

    Raises:
        ValueError: The broker's address is missing or malformed.
        OSError: The address to listen on cannot be had.
    """
    own = settings.collector
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    seconds = own.acknowledge_timeout_ms / 1000
    broker = Broker(producers(servers_of(settings.broker, settings.kafka), seconds), seconds)
    runner = web.AppRunner(
        create_application(settings, broker, CollectorMetrics()),
        access_log=None,
        auto_decompress=False,
        shutdown_timeout=own.stop_timeout_ms / 2000,  # it waits twice: for handlers to end, and for them to give up
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, own.host, own.port).start()
        keeping = broker.start()
        _say_where(settings)
        await asyncio.wait({asyncio.create_task(stop.wait()), keeping}, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()
        log.info("stops")
    finally:
        await runner.cleanup()
        await broker.stop()
    log.info("stopped")


def _say_where(settings: Settings) -> None:
    own = settings.collector
    log.info("started, events to http://%s:%s/v1/events", own.host, own.port)
    if own.host not in LOOPBACK and not own.write_keys:
        log.warning("anybody who reaches %s:%s may send: set collector.write_keys", own.host, own.port)


class WithoutTrace(logging.Filter):
    """Damaged requests are the client's doing: their place in our code tells nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reduce such a record to a line."""
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.msg, record.args = "damaged request: %s", (record.exc_info[1].message,)
            record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
        return True
