"""Retries while the store is unavailable."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from agents.outage import Outage
from pipeline.stitching.store import StoreUnavailableError

R = TypeVar("R")

FIRST_DELAY_SECONDS: Final = 0.1
LONGEST_DELAY_SECONDS: Final = 5.0

log = logging.getLogger("touchline.worker")


async def patiently(what: str, attempt: Callable[[], Awaitable[R]]) -> R:
    """Retry until the store is available. Meanwhile no more mail is taken, lag grows visibly, nothing is dropped.

    Logs once that `what` waits, and once that it goes on.
    """
    delay = FIRST_DELAY_SECONDS
    outage = Outage(log, begins=f"{what} waits for the store", ends=f"{what} goes on")
    while True:
        try:
            result = await attempt()
        except StoreUnavailableError as error:
            outage.lasts(error)
        else:
            outage.is_over()
            return result
        await asyncio.sleep(delay)
        delay = min(delay * 2, LONGEST_DELAY_SECONDS)
