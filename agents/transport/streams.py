"""How an agent works through batches."""

from collections.abc import Awaitable, Callable

from faust.types import StreamT

from agents.transport.batch import RecordBatch


async def each_batch(stream: StreamT, work: Callable[[RecordBatch], Awaitable[bool]]) -> None:
    """Do the work for each batch in turn; a batch is acknowledged when its work has returned True.

    A batch whose work returns False, because its partition was lost meanwhile, or raises is not acknowledged:
    the partition's commits stand still from there until it is assigned anew. An exception ends the loop.
    """
    async for event in stream.noack().events():
        batch: RecordBatch = event.value
        batch.done = await work(batch)
        event.ack()
