"""The metrics of one process: declared metrics in a registry of its own, and what is counted when."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from pipeline.adapters.metrics.declared import METRICS, Metric
from pipeline.catalogue.touchpoint import CHANNELS, FAMILIES, Touchpoint
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Link, Message, Recall
from pipeline.stitching.batch import Batch

OTHER: Final = "other"
"""The label value of what is not in the catalogue."""


class Metrics:
    """The metrics of one process, in a registry of its own.

    Label values come from the catalogue; what is not in it is counted as `other`.
    """

    content_type: Final = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self, touchpoints: Mapping[str, Touchpoint], namespaces: Iterable[str]) -> None:
        """Declare everything.

        Args:
            touchpoints: The catalogue: touchpoint by event type.
            namespaces: The configured namespaces of identifiers.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call] # not annotated by the client
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for metric in METRICS:
            self._declare(metric)
        self._touchpoints = touchpoints
        self._known = {
            "touchpoint": frozenset(each.touchpoint for each in touchpoints.values()),
            "owner": frozenset(each.owner for each in touchpoints.values()),
            "channel": frozenset(CHANNELS),
            "source": frozenset(FAMILIES),
            "namespace": frozenset(namespaces),
        }

    def counter(self, name: str) -> Counter:
        """A declared counter by its full name.

        Raises:
            KeyError: It is not declared, or no counter; the same for `gauge` and `histogram`.
        """
        return self._counters[name]

    def gauge(self, name: str) -> Gauge:
        """A declared gauge by name."""
        return self._gauges[name]

    def histogram(self, name: str) -> Histogram:
        """A declared histogram by name."""
        return self._histograms[name]

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format, of type `content_type`."""
        return generate_latest(self.registry)

    def taken_in(self, accepted: Iterable[Event], rejected: Iterable[DeadLetter]) -> None:
        """Count what an ingest batch came to."""
        latest: dict[str, int] = {}
        for (event_type, probe), count in Tally((event.type, event.probe) for event in accepted).items():
            self._count_type(event_type, probe, count)
        for event in accepted:
            source = self._source_of(event.type)
            latest[source] = max(latest.get(source, 0), event.received_at)
        for source, received_at in latest.items():
            self.gauge("touchline_source_last_event_timestamp_seconds").labels(source).set(received_at / 1000)
        for (topic, reason), count in Tally((letter.topic, letter.reason) for letter in rejected).items():
            source = self._bounded("source", topic.rpartition(".")[2])
            self.counter("touchline_rejected_total").labels(source, reason.value).inc(count)

    def mail_taken(self, messages: Iterable[Message]) -> None:
        """Count the links and recalls of a batch of mail."""
        links: Tally[str] = Tally()
        recalls: Tally[str] = Tally()
        for message in messages:
            if isinstance(message, Link):
                links[self._namespace_of(message.at)] += 1
            elif isinstance(message, Recall):
                recalls[self._namespace_of(message.mailbox)] += 1
        for namespace, count in links.items():
            self.counter("touchline_identifier_links_total").labels(namespace).inc(count)
        for namespace, count in recalls.items():
            self.counter("touchline_stitch_recalls_total").labels(namespace).inc(count)

    def stitched(self, batch: Batch, saved_at: int) -> None:
        """Count the outcome of a batch of mail that was saved; `saved_at` in milliseconds since the epoch."""
        for friction in batch.raised:
            self._count_friction(friction)
        for kind, count in Tally(batch.withdrawn).items():
            self.counter("touchline_friction_withdrawn_total").labels(kind).inc(count)
        for journey in batch.closed:
            self.counter("touchline_journeys_total").labels(journey.outcome).inc()
        for identifier in batch.shared:
            self.counter("touchline_identity_shared_total").labels(self._namespace_of(identifier)).inc()
        latency = self.histogram("touchline_event_latency_seconds")
        for customer in batch.changes.customers:
            for touch in customer.touches.values():
                if not touch.route:
                    age = max(0, saved_at - touch.event.received_at)
                    latency.labels(self._source_of(touch.event.type)).observe(age / 1000)

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """Count rows that a table took."""
        self.histogram("touchline_sink_seconds").labels(table).observe(seconds)
        self.counter("touchline_sink_rows_total").labels(table).inc(rows)

    def sink_failed(self, table: str) -> None:
        """Count a save that failed."""
        self.counter("touchline_sink_errors_total").labels(table).inc()

    def lag(self, lags: Mapping[tuple[str, int], int]) -> None:
        """Set the lag of the partitions that the worker has now, and of no others."""
        gauge = self.gauge("touchline_consumer_lag")
        gauge.clear()
        for (topic, partition), records in lags.items():
            gauge.labels(topic, str(partition)).set(records)

    def _declare(self, metric: Metric) -> None:
        if metric.kind is Histogram:
            self._histograms[metric.name] = Histogram(
                metric.name, metric.help, metric.labels, registry=self.registry, buckets=metric.buckets
            )
        elif metric.kind is Counter:
            self._counters[metric.name] = Counter(metric.name, metric.help, metric.labels, registry=self.registry)
        else:
            self._gauges[metric.name] = Gauge(metric.name, metric.help, metric.labels, registry=self.registry)

    def _count_type(self, event_type: str, probe: bool, count: int) -> None:
        touchpoint = self._touchpoints.get(event_type)
        name = event_type if touchpoint else OTHER
        self.counter("touchline_events_total").labels(self._source_of(event_type), name).inc(count)
        if not probe:
            labels = (touchpoint.touchpoint, touchpoint.owner, touchpoint.stage) if touchpoint else (OTHER,) * 3
            self.counter("touchline_touchpoint_events_total").labels(*labels).inc(count)

    def _count_friction(self, friction: Friction) -> None:
        self.counter("touchline_frictions_total").labels(
            friction.kind,
            self._bounded("touchpoint", friction.touchpoint),
            self._bounded("owner", friction.owner),
            self._bounded("channel", friction.channel),
            str(friction.severity),
            str(int(friction.probe)),
        ).inc()

    def _source_of(self, event_type: str) -> str:
        return self._bounded("source", event_type.partition(".")[0])

    def _namespace_of(self, identifier: str) -> str:
        return self._bounded("namespace", identifier.partition(":")[0])

    def _bounded(self, label: str, value: str) -> str:
        return value if value in self._known[label] else OTHER
