"""Decode and count per key on a Faust agent over the batch transport, as the workers use it."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from faust.types import StreamT

from agents.app import WorkerApp
from agents.ingest.agent import GROUP_BYTES
from agents.logs import log_to_stderr
from agents.settings import WorkerSettings
from agents.transport.batch import BatchLimits, RecordBatch, RecordBatchSchema
from agents.transport.driver import SCHEME, register
from agents.transport.streams import each_group
from tests.benchmarks.peers.counting import Task
from tests.benchmarks.peers.on_faust import SETTINGS

WORKER: Final = WorkerSettings(servers=())
"""The workers' own batches and buffers."""


async def run() -> None:
    task = Task.given()
    counting = task.counting()
    register()
    app = WorkerApp(
        f"touchline-{uuid.uuid4().hex}",
        broker=f"{SCHEME}://{task.broker}",
        stream_buffer_maxsize=WORKER.buffered_batches,
        consumer_max_fetch_size=WORKER.batch_bytes,
        **SETTINGS,
    )
    app.limits = BatchLimits(records=WORKER.batch_records, bytes=WORKER.batch_bytes)

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        for batch in batches:
            counting.many([record.value for record in batch.records])
        return batches

    async def count(stream: StreamT) -> None:
        await each_group(stream, work, GROUP_BYTES, lambda: 0.0)

    app.agent(app.topic(task.topic, schema=RecordBatchSchema()), name="count")(count)
    await app.start()
    await asyncio.Event().wait()  # the last event ends the process


if __name__ == "__main__":
    log_to_stderr(0)
    asyncio.run(run())
