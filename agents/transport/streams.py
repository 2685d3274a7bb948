"""How an agent works through batches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import Final

from faust.types import EventT, StreamT

from agents.transport.batch import RecordBatch

LOOK_SECONDS: Final = 0.02
"""How often a group that is not full looks for more."""
AHEAD: Final = 8
"""Batches that wait for the next group while one is worked on."""

Work = Callable[[Sequence[RecordBatch]], Awaitable[Collection[RecordBatch]]]


async def each_batch(stream: StreamT, work: Callable[[RecordBatch], Awaitable[bool]]) -> None:
    """Do the work for each batch in turn; a batch is acknowledged when its work has returned True.

    A batch whose work returns False, because its partition was lost meanwhile, or raises is not acknowledged:
    the partition's commits stand still from there until it is assigned anew. An exception ends the loop.
    """
    async for event in stream.noack().events():
        batch: RecordBatch = event.value
        batch.done = await work(batch)
        event.ack()


async def each_group(
    stream: StreamT,
    work: Work,
    most_bytes: int,
    linger_seconds: float,
    at_once: int = 1,
) -> None:
    """Do the work for groups of batches, whatever their partitions, so that what every save costs is paid for once.

    The work returns the batches that are done; they are acknowledged. The rest is as in `each_batch`.

    Args:
        stream: Batches; those of one partition stay in order.
        work: Called with one group after the other.
        most_bytes: A group is closed when the values of its records have this many bytes or more.
        linger_seconds: Otherwise it is closed this long after its first batch, and not before it can be worked on.
        at_once: Groups that may be worked on at the same time; their order is then for `work` to keep.
    """
    waiting: asyncio.Queue[EventT] = asyncio.Queue(AHEAD)
    free = asyncio.Semaphore(at_once)

    async def work_on(events: Sequence[EventT]) -> None:
        done = await work([event.value for event in events])
        for event in events:
            event.value.done = event.value in done
            event.ack()
        free.release()

    async with asyncio.TaskGroup() as running:
        pump = running.create_task(_pump(stream, waiting))
        async for events in _groups(waiting, pump, most_bytes, linger_seconds, free):
            await free.acquire()
            running.create_task(work_on(events))


async def _pump(stream: StreamT, waiting: asyncio.Queue[EventT]) -> None:
    async for event in stream.noack().events():
        await waiting.put(event)


async def _groups(
    waiting: asyncio.Queue[EventT],
    pump: asyncio.Task[None],
    most_bytes: int,
    linger_seconds: float,
    free: asyncio.Semaphore,
) -> AsyncIterator[list[EventT]]:
    """Groups of what is waiting; ends with the pump."""
    clock = asyncio.get_running_loop().time
    while True:
        first = asyncio.create_task(waiting.get())
        await asyncio.wait({first, pump}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            first.cancel()
            return
        events = [first.result()]
        size, closes = _size(events[0]), clock() + linger_seconds
        while size < most_bytes:
            if not waiting.empty():
                events.append(waiting.get_nowait())
                size += _size(events[-1])
            elif pump.done() or (clock() >= closes and not free.locked()):
                break
            else:
                await asyncio.sleep(LOOK_SECONDS)
        yield events


def _size(event: EventT) -> int:
    batch: RecordBatch = event.value
    return sum(len(record.value) for record in batch.records)
