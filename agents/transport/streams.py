"""How an agent works through batches."""

from collections.abc import Awaitable, Callable

from faust.types import StreamT

from agents.transport.batch import RecordBatch


async def each_batch(stream: StreamT, work: Callable[[RecordBatch], Awaitable[None]]) -> None:
    """Do the work for each batch in turn; a batch is acknowledged when its work has returned.

    An exception leaves the batch unacknowledged and ends the loop: the partition's commits stand still from there.
    """
    async for event in stream.noack().events():
        batch: RecordBatch = event.value
        await work(batch)
        batch.done = True
        event.ack()
