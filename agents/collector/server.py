"""Serving until told to stop."""

import asyncio
import logging

from agents.collector.app import create_application
from agents.collector.broker import Broker, producers
from agents.collector.metrics import CollectorMetrics
from pipeline.adapters.broker.servers import servers_of
from pipeline.adapters.serving.loopback import LOOPBACK
from pipeline.adapters.serving.server import served, stop_signal
from pipeline.settings.model import Settings

log = logging.getLogger("touchline.collector")


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing new, finish what is in flight, and stop.

    Raises:
        ValueError: The broker's address is missing or malformed.
        SettingsError: A certificate cannot be read.
        OSError: The address to listen on cannot be bound.
    """
    own = settings.collector
    stop = stop_signal()
    seconds = own.acknowledge_timeout_ms / 1000
    broker = Broker(producers(servers_of(settings.broker, settings.kafka), seconds), seconds)
    application = create_application(settings, broker, CollectorMetrics())
    try:
        async with served(application, own.host, own.port, own.stop_timeout_ms / 1000):
            keeping = broker.start()
            _say_where(settings)
            await asyncio.wait({asyncio.create_task(stop.wait()), keeping}, return_when=asyncio.FIRST_COMPLETED)
            if keeping.done():
                keeping.result()
            log.info("stopping")
    finally:
        await broker.stop()
    log.info("stopped")


def _say_where(settings: Settings) -> None:
    own = settings.collector
    log.info("started, events to http://%s:%s/v1/events", own.host, own.port)
    if own.host not in LOOPBACK and not own.write_keys:
        log.warning("anybody who reaches %s:%s may send: set collector.write_keys", own.host, own.port)
