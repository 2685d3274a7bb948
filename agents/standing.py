"""Gauges of open journeys and order value at risk over all customers; one worker reports them for all."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

import faust

from agents.outage import Outage
from pipeline.adapters.clickhouse.standing import Standing
from pipeline.adapters.metrics import Metrics
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

INTERVAL_SECONDS: Final = 15.0
PAUSE_PER_SECOND: Final = 50.0
"""Seconds of pause for each second that the query took, so that it runs at most 2 % of the time."""
NOTHING: Final = Standing({}, {})

log = logging.getLogger("touchline.worker")


def register(app: faust.App, ask: Callable[[], Standing], is_ours: Callable[[], bool], metrics: Metrics) -> None:
    """Ask at an interval.

    Args:
        app: The worker.
        ask: Asks ClickHouse; blocks.
        is_ours: Whether this worker is the one that reports.
        metrics: Metrics that have the gauges.
    """
    unknown = Outage(log, begins="open journeys cannot be counted", ends="open journeys are counted again")

    async def tell() -> None:
        pause = INTERVAL_SECONDS
        while not app.should_stop:
            await app.sleep(pause)
            pause = await tell_once(ask, is_ours, metrics, unknown)

    app.task(tell)


async def tell_once(
    ask: Callable[[], Standing], is_ours: Callable[[], bool], metrics: Metrics, unknown: Outage
) -> float:
    """Set the gauges, or clear them; returns how many seconds to wait before the next time."""
    found, began = NOTHING, time.monotonic()
    if is_ours():
        try:
            found = await asyncio.to_thread(ask)
        except (StoreUnavailableError, StoreRejectedError) as error:  # a view is missing: stitching goes on without it
            unknown.lasts(error)
        else:
            unknown.is_over()
    metrics.standing(*(found if is_ours() else NOTHING))  # it may have gone to another worker meanwhile
    return max(INTERVAL_SECONDS, PAUSE_PER_SECOND * (time.monotonic() - began))
