"""The baseline, a plain Faust agent that only decodes: `python -m tests.benchmarks.plain_faust BROKER N TOPIC…`."""

import asyncio
import sys
import time

import faust
import orjson
from faust.types import StreamT

from agents.logs import log_to_stderr
from tests.benchmarks.transport import SETTINGS


class Count:
    """Counts events and stops the clocks at the last one."""

    def __init__(self, events: int) -> None:
        self._left = self._events = events
        self._started = 0.0, 0.0
        self.finished = asyncio.Event()
        self.result = 0, 0.0, 0.0

    def one(self) -> None:
        if self._left == self._events:
            self._started = time.perf_counter(), time.process_time()
        self._left -= 1
        if not self._left:
            wall, used = time.perf_counter() - self._started[0], time.process_time() - self._started[1]
            self.result = self._events - 1, wall, used
            self.finished.set()


async def run(broker: str, events: int, topics: list[str]) -> tuple[int, float, float]:
    """Decode all events of these topics; returns events, seconds, and seconds of CPU."""
    app = faust.App("plain-faust", broker=f"kafka://{broker}", **SETTINGS)
    count = Count(events)

    async def decode(stream: StreamT) -> None:
        async for value in stream:
            orjson.loads(value)
            count.one()

    app.agent(app.topic(*topics, value_serializer="raw"), name="decode")(decode)
    await app.start()
    await count.finished.wait()
    await app.stop()
    return count.result


if __name__ == "__main__":
    log_to_stderr(0)
    print(*asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3:])))
