"""Live traffic at a steady rate, with markers that can be followed."""

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tests.benchmarks.load import RawProducer, Record, record_of
from tests.benchmarks.site import RAW_PARTITIONS

TICK_SECONDS: Final = 0.02
MARKERS_PER_SECOND: Final = 10


class Traffic(threading.Thread):
    """Sends records at a rate, and after the warm-up also markers: probes, each an error of a customer of its own."""

    def __init__(self, broker: str, records: Sequence[Record], rate: float, warm_up: float) -> None:
        """`rate`: events per second; `warm_up`: seconds without markers."""
        super().__init__(daemon=True)
        self.sent_at: list[float] = []
        """When each marker was handed to the producer, by `time.monotonic`."""
        self.sent = 0
        """Records handed to the producer, without the markers."""
        self.seconds = 0.0
        """How long sending took."""
        self._broker = broker
        self._records = records
        self._rate = rate
        self._warm_up = warm_up

    def run(self) -> None:
        """Send everything."""
        asyncio.run(self._send())

    async def _send(self) -> None:
        async with RawProducer(self._broker, RAW_PARTITIONS) as producer:
            began = time.monotonic()
            while self.sent < len(self._records):
                elapsed = time.monotonic() - began
                due = self._records[self.sent : int(elapsed * self._rate)]
                self.sent += len(due)
                await producer.send([*due, *self._markers(elapsed)])
                await asyncio.sleep(TICK_SECONDS)
            self.seconds = time.monotonic() - began

    def _markers(self, elapsed: float) -> list[Record]:
        due = int((elapsed - self._warm_up) * MARKERS_PER_SECOND) - len(self.sent_at)
        first = len(self.sent_at)
        self.sent_at += [time.monotonic()] * max(0, due)
        return [_marker(number) for number in range(first, len(self.sent_at))]


def marker_customer(number: int) -> str:
    """The customer of a marker."""
    return f"anonymous_id:marker-{number}"


def _marker(number: int) -> Record:
    namespace, _, value = marker_customer(number).partition(":")
    return record_of(
        {
            "specversion": "1.0",
            "id": f"marker-{number}",
            "source": "/shop/web",
            "type": "web.error_occurred",
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": {"identifiers": {namespace: value}, "probe": True, "message": "broken"},
        }
    )
