"""Waiting while a stack stops: users are told what for, and cancelled tasks are not waited for in vain."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from pipeline.adapters.stack.notice import Level, Notice, Report

FIRST_SECONDS = 5.0
AGAIN_SECONDS = 10.0
CANCEL_AGAIN_SECONDS = 5.0

First = TypeVar("First")
Second = TypeVar("Second")


@asynccontextmanager
async def told(
    report: Report, text: Callable[[], str], first: float = FIRST_SECONDS, again: float = AGAIN_SECONDS
) -> AsyncIterator[None]:
    """Report a text if the block lasts longer than `first` seconds, and again every `again` seconds."""

    async def tell() -> None:
        await asyncio.sleep(first)
        while True:
            report(Notice(Level.DETAIL, text()))
            await asyncio.sleep(again)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def ended(task: asyncio.Task[object]) -> None:
    """Cancel a task and wait for its end; ignores what it raises.

    It is cancelled again if it goes on: a cancellation can get lost in third-party code.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()


async def together(one: Awaitable[First], other: Awaitable[Second]) -> tuple[First, Second]:
    """Run both concurrently. If one fails, or the caller is cancelled, neither is left running."""
    tasks = asyncio.ensure_future(one), asyncio.ensure_future(other)
    await all_of(*tasks)
    return tasks[0].result(), tasks[1].result()


async def all_of(*works: Awaitable[object]) -> None:
    """Run all, at least one, concurrently. If one fails, or the caller is cancelled, none is left running."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
