"""What the collector counts."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from pipeline.adapters.metrics import Metric, Registry
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


class CollectorMetrics(Registry):
    """The metrics of one collector."""

    def __init__(self) -> None:
        super().__init__(COLLECTOR_METRICS)
        self.requests = self.counter(REQUESTS.name)
        self.events = self.counter(EVENTS.name)
        self.refused = self.counter(REFUSED.name)
        self.unacknowledged = self.counter(UNACKNOWLEDGED.name)
        self.bytes = self.counter(BYTES.name)
        self.in_flight = self.gauge(IN_FLIGHT.name)
        self.in_flight_requests = self.gauge(IN_FLIGHT_REQUESTS.name)
        self.produce = self.histogram(PRODUCE.name)
        for family in FAMILIES:
            self.events.labels(family)
