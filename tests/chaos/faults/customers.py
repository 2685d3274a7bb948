"""Customers with far more events than others."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Final

import orjson

from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.broker.servers import Servers
from pipeline.catalogue.topics import raw_topic
from pipeline.settings.kafka import Kafka
from tests.chaos.fault import EVENTS_PER_SECOND, Fault
from tests.chaos.latency import between, latencies, quantile
from tests.chaos.load import START
from tests.chaos.memory import Memory
from tests.chaos.site import Site
from tests.chaos.watch import Watch
from tests.end_to_end.events import Event

FAMILY: Final = "product"
SECOND: Final = 1_000
PORTIONS_PER_SECOND: Final = 5
LEAST_SHARE: Final = 0.15
"""The share of all events that a hot customer must have had: a fifth is intended."""


class Crowded(Fault):
    """Sends one customer's events beside everybody else's, whose latency is measured."""

    customer = "hot"
    spares_workers = True

    def __init__(
        self, times: int | None = None, seconds: float | None = None, per_second: int = EVENTS_PER_SECOND
    ) -> None:
        super().__init__(times, seconds, per_second)
        self._seen: list[str] = []

    def rest(self, chance: Random) -> float:
        """Long enough to measure the latency without that customer."""
        return 30.0

    def notes(self) -> tuple[str, ...]:
        """The other customers' latency, before and meanwhile."""
        return tuple(self._seen)

    def note(self, site: Site, began: dict[float, int]) -> None:
        """Compare the others' latency before with that since."""
        urls = [worker.url for worker in site.workers]
        since = between(began, latencies(urls, FAMILY))
        self._seen.append(f"others' latency before {_said(began)}, meanwhile {_said(since)}")

    def so_far(self, site: Site) -> dict[float, int]:
        """The others' latency as counted so far."""
        return latencies([worker.url for worker in site.workers], FAMILY)

    def send(self, site: Site, events: Iterator[Event], per_second: int | None, seconds: float) -> None:
        """Send events, at a rate or (None) as fast as possible, for at most so many seconds."""
        due = time.monotonic()
        end = due + seconds
        with EventProducer(Servers(site.cluster.servers, Kafka())) as producer:
            while time.monotonic() < end:
                size = max(1, per_second // PORTIONS_PER_SECOND) if per_second else 1_000
                portion = [orjson.dumps(event) for event in islice(events, size)]
                if not portion:
                    return
                for event in portion:
                    producer.send(raw_topic(FAMILY), event)
                producer.flush()
                assert producer.failed == 0, "the brokers did not take an event"
                self.sent += portion
                if per_second:
                    due += 1 / PORTIONS_PER_SECOND
                    time.sleep(max(0.0, due - time.monotonic()))


class HotCustomer(Crowded):
    """A fifth of all events are one customer's."""

    name = "hot-customer"
    summary = "20 % of all events about one customer, for 60 s"
    seconds = 60.0
    _began = _ended = 0.0
    _count = 0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Send a quarter of what the others send."""
        began, before = self.so_far(site), len(self.sent)
        self._began = time.monotonic()
        self.send(site, events_of(f"{self.customer}-{number}"), self.per_second // 4, self.duration)
        self._ended, self._count = time.monotonic(), len(self.sent) - before
        self.note(site, began)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """Whether the customer of the last strike had too small a share of the events to be hot."""
        sent = [sample.sent for sample in watch.samples if self._began <= sample.at <= self._ended]
        share = self._count / max(1, sent[-1] - sent[0])
        return () if share > LEAST_SHARE else (f"the hot customer has {share:.0%} of the events",)


class LargeCustomer(Crowded):
    """A customer of 100,000 events, all in one journey, sent as fast as the brokers take them."""

    name = "large-customer"
    summary = "100,000 events of one customer in one journey at once"
    events = 100_000
    seconds = 300.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Send all events, and wait until they are stitched or the time is over."""
        began, end, before = self.so_far(site), time.monotonic() + self.duration, len(self.sent)
        self.send(site, islice(events_of(f"large-{number}"), self.events), None, self.duration)
        assert len(self.sent) - before == self.events, "the brokers did not take all events in time"
        while site.stored_of(f"customer_id:large-{number}") < self.events and time.monotonic() < end:
            time.sleep(1)
        self.note(site, began)


def events_of(customer: str) -> Iterator[Event]:
    """Events of one customer, a second apart, without an end."""
    number = 0
    while True:
        number += 1
        moment = datetime.fromtimestamp((START + number * SECOND) / SECOND, UTC)
        yield {
            "specversion": "1.0",
            "id": f"{customer}-{number}",
            "source": "/product/telemetry",
            "type": "product.feature_used",
            "time": moment.isoformat(),
            "data": {"identifiers": {"customer_id": customer}, "feature": f"feature {number % 7}"},
        }


def _said(buckets: dict[float, int]) -> str:
    return f"p50 < {quantile(buckets, 0.5):g} s, p99 < {quantile(buckets, 0.99):g} s"
