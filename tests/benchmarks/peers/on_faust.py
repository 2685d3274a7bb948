"""Decode and count per key on plain Faust, one event at a time: the baseline."""

import asyncio
import uuid
from tempfile import gettempdir
from typing import Final

import faust
from faust.types import StreamT

from agents.logs import log_to_stderr
from tests.benchmarks.peers.counting import Task

SETTINGS: Final = {
    "datadir": gettempdir(),
    "autodiscover": False,
    "topic_disable_leader": True,
    "reply_create_topic": False,
    "web_enabled": False,
    "broker_session_timeout": 10.0,
    "broker_heartbeat_interval": 3.0,
}


async def run() -> None:
    task = Task.given()
    counting = task.counting()
    app = faust.App(f"faust-{uuid.uuid4().hex}", broker=f"kafka://{task.broker}", **SETTINGS)

    async def count(stream: StreamT) -> None:
        async for value in stream:
            counting.one(value)

    app.agent(app.topic(task.topic, value_serializer="raw"), name="count")(count)
    await app.start()
    await asyncio.Event().wait()  # the last event ends the process


if __name__ == "__main__":
    log_to_stderr(0)
    asyncio.run(run())
