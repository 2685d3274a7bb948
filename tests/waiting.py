"""Waiting for other tasks, threads and processes."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

TURNS: Final = 1_000
"""Iterations of the event loop: many more than the longest chain of tasks that wait for each other."""


def eventually(condition: Callable[[], bool], seconds: float = 15.0, look_every: float = 0.1) -> bool:
    """Whether a condition holds within some seconds; returns as soon as it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(look_every)
    return True


async def standstill() -> None:
    """Let tasks run until all of them wait for something that the test holds back, however slow the machine is."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def soon(condition: Callable[[], bool], seconds: float = 15.0, look_every: float = 0.005) -> bool:
    """As `eventually`, but other tasks run meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(look_every)
    return True
