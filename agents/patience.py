"""Waiting for a store that is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from pipeline.stitching.store import StoreUnavailableError

R = TypeVar("R")

FIRST_DELAY_SECONDS: Final = 0.1
LONGEST_DELAY_SECONDS: Final = 5.0

log = logging.getLogger("touchline.worker")


async def patiently(what: str, attempt: Callable[[], Awaitable[R]]) -> R:
    """Try until the store is available: meanwhile no more mail is taken, lag grows and shows, nothing is dropped."""
    delay = FIRST_DELAY_SECONDS
    while True:
        try:
            return await attempt()
        except StoreUnavailableError as error:
            log.warning("%s waits for the store, next try in %.1f s: %.300s", what, delay, error)
        await asyncio.sleep(delay)
        delay = min(delay * 2, LONGEST_DELAY_SECONDS)
