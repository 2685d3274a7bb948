"""A producer that keeps sending through failures, and sends again what was not acknowledged."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence

import orjson

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.catalogue.topics import raw_topic_of
from tests.end_to_end.events import Event


class SteadyProducer(threading.Thread):
    """Sends events in small portions, at about a rate per second, until all are acknowledged."""

    def __init__(self, servers: Sequence[str], events: Iterable[Event], per_second: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged = 0
        """How many events the broker has acknowledged so far."""
        self._servers = servers
        self._waiting = deque(events)
        self._portion = max(1, per_second // 10)

    def wait_for(self, acknowledged: int, seconds: float = 120.0) -> None:
        """Wait until that many events are acknowledged."""
        deadline = time.monotonic() + seconds
        while self.acknowledged < acknowledged:
            assert time.monotonic() < deadline, f"only {self.acknowledged} events were acknowledged"
            assert self.is_alive() or self.acknowledged >= acknowledged, "the producer ended"
            time.sleep(0.05)

    def run(self) -> None:
        """Send everything."""
        failures: list[SendFailure] = []
        with EventProducer(self._servers, failures.append) as producer:
            while self._waiting:
                portion = [self._waiting.popleft() for _ in range(min(self._portion, len(self._waiting)))]
                for position, event in enumerate(portion):
                    topic = raw_topic_of(str(event["type"]))
                    producer.send(topic, orjson.dumps(event), position)
                producer.flush()
                self._waiting.extendleft(portion[failure.position] for failure in failures)
                self.acknowledged += len(portion) - len(failures)
                failures.clear()
                time.sleep(0.1)
