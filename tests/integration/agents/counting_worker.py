"""A worker that writes down each record it has processed, and fails at one: `python -m … BROKER TOPIC FILE [VALUE]`."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import faust
from faust.types import StreamT

from agents.app import WorkerApp
from agents.failure import Failure
from agents.logs import log_to_stderr
from agents.transport.batch import BatchLimits, OrderedBatchSchema, RecordBatch
from agents.transport.driver import SCHEME, register
from agents.transport.streams import each_group
from agents.worker import run_and_exit

SECONDS_PER_BATCH = 0.02
GROUP_BYTES = 1
"""Each batch is a group of its own."""


def counting_app(broker: str, topic: str, file: Path, poison: str, failure: Failure) -> WorkerApp:
    register()
    app = WorkerApp(
        f"counting-{topic}",
        broker=f"{SCHEME}://{broker}",
        autodiscover=False,
        topic_disable_leader=True,
        reply_create_topic=False,
        web_enabled=False,
        broker_commit_interval=0.2,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
        stream_buffer_maxsize=16,
    )
    app.limits = BatchLimits(records=100, ordered_records=100, in_hand_seconds=5.0)

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        await asyncio.sleep(SECONDS_PER_BATCH)
        values = [record.value.decode() for batch in batches for record in batch.records]
        if poison in values:
            raise RuntimeError("the record that nobody expected")
        with file.open("a") as notes:
            notes.writelines(f"{value}\n" for value in values)
        return batches

    async def count(stream: StreamT) -> None:
        await each_group(stream, failure.guard("count", work), GROUP_BYTES, lambda: 0.0)

    channel: faust.Topic = app.topic(topic, schema=OrderedBatchSchema())
    app.agent(channel, name="count")(count)
    return app


if __name__ == "__main__":
    log_to_stderr(0)
    broker, topic, file, *poison = sys.argv[1:]
    failure = Failure()
    app = counting_app(broker, topic, Path(file), poison[0] if poison else "", failure)
    asyncio.run(run_and_exit(app, failure, 20))
