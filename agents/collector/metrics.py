"""What the collector counts."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from pipeline.adapters.metrics import Metric
from pipeline.catalogue.touchpoint import FAMILIES

SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS: Final = Metric(
    "touchline_collector_requests_total", Counter, "Requests, by the class of their status.", ("path", "status")
)
EVENTS: Final = Metric("touchline_collector_events_total", Counter, "Events acknowledged by the broker.", ("source",))
REFUSED: Final = Metric(
    "touchline_collector_refused_total",
    Counter,
    "Events that were refused (reason event), and requests that were refused as a whole, by their problem.",
    ("reason",),
)
UNACKNOWLEDGED: Final = Metric(
    "touchline_collector_unacknowledged_total", Counter, "Events not acknowledged in time; their senders try again."
)
BYTES: Final = Metric("touchline_collector_bytes_total", Counter, "Bytes of bodies, inflated.")
IN_FLIGHT: Final = Metric("touchline_collector_in_flight_bytes", Gauge, "Bytes of bodies that are not answered yet.")
IN_FLIGHT_REQUESTS: Final = Metric("touchline_collector_in_flight_requests", Gauge, "Requests not answered yet.")
PRODUCE: Final = Metric(
    "touchline_collector_produce_seconds", Histogram, "From a request's events to their acknowledgement.", (), SECONDS
)
COLLECTOR_METRICS: Final = (
    REQUESTS,
    EVENTS,
    REFUSED,
    UNACKNOWLEDGED,
    BYTES,
    IN_FLIGHT,
    IN_FLIGHT_REQUESTS,
    PRODUCE,
)


class CollectorMetrics:
    """The metrics of one collector, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # not annotated by the client
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self.requests = self._counter(REQUESTS)
        self.events = self._counter(EVENTS)
        self.refused = self._counter(REFUSED)
        self.unacknowledged = self._counter(UNACKNOWLEDGED)
        self.bytes = self._counter(BYTES)
        self.in_flight = Gauge(IN_FLIGHT.name, IN_FLIGHT.help, registry=self.registry)
        self.in_flight_requests = Gauge(IN_FLIGHT_REQUESTS.name, IN_FLIGHT_REQUESTS.help, registry=self.registry)
        self.produce = Histogram(PRODUCE.name, PRODUCE.help, buckets=PRODUCE.buckets, registry=self.registry)
        for family in FAMILIES:
            self.events.labels(family)

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics, and their content type, for a request's `Accept` header."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.labels, registry=self.registry)
