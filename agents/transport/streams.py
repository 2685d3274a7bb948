"""How an agent works through batches."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from faust.types import EventT, StreamT

from agents.transport.batch import RecordBatch

Work = Callable[[Sequence[RecordBatch]], Awaitable[Collection[RecordBatch]]]


async def each_group(
    stream: StreamT,
    work: Work,
    most_bytes: int,
    linger_seconds: Callable[[], float],
    at_once: int = 1,
) -> None:
    """Do the work for groups of batches of any partitions, so that what a group costs however small is paid once.

    The work returns the batches that are done; they are acknowledged. The others are not, because their partition was
    lost meanwhile: its commits stop there until it is assigned again. An exception of the work ends the loop, and
    nothing of its group is acknowledged.

    Args:
        stream: Batches; those of one partition stay in order.
        work: Called with one group after the other.
        most_bytes: A group is closed when the values of its records have this many bytes or more.
        linger_seconds: Otherwise it is closed that long after its first batch, but not before it can be worked on.
        at_once: How many groups may be worked on concurrently; if more than one, `work` must keep their order.
    """
    waiting = _Waiting(most_bytes, linger_seconds)
    free = asyncio.Semaphore(at_once)

    async def work_on(events: Sequence[EventT]) -> None:
        done = await work([event.value for event in events])
        for event in events:
            event.value.done = event.value in done
            event.ack()
        free.release()

    async with asyncio.TaskGroup() as running:
        running.create_task(waiting.fill(stream))
        await free.acquire()
        while events := await waiting.group():
            running.create_task(work_on(events))
            await free.acquire()


class _Waiting:
    """The batches of the next group. Once it is full, no more are added until it is taken, and the stream backs up."""

    def __init__(self, most_bytes: int, linger_seconds: Callable[[], float]) -> None:
        self._most_bytes = most_bytes
        self._linger_seconds = linger_seconds
        self._events: list[EventT] = []
        self._bytes = 0
        self._closes = 0.0
        """By the clock of the event loop."""
        self._ended = False
        self._changed = asyncio.Condition()

    async def fill(self, stream: StreamT) -> None:
        """Add the stream's batches until it ends."""
        async for event in stream.noack().events():
            async with self._changed:
                await self._changed.wait_for(lambda: not self._full)
                if not self._events:
                    self._closes = asyncio.get_running_loop().time() + self._linger_seconds()
                self._events.append(event)
                self._bytes += _size(event)
                self._changed.notify_all()
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def group(self) -> list[EventT]:
        """Take the next group once it is closed; empty when the stream has ended."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._events or self._ended)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._closes):
                    await self._changed.wait_for(lambda: self._full or self._ended)
            events, self._events, self._bytes = self._events, [], 0
            self._changed.notify_all()
            return events

    @property
    def _full(self) -> bool:
        return self._bytes >= self._most_bytes


def _size(event: EventT) -> int:
    batch: RecordBatch = event.value
    return sum(len(record.value) for record in batch.records)
