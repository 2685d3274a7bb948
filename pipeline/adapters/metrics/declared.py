"""Every metric, declared once: dashboards, alert rules and their tests go by this list."""

from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from pipeline.adapters.metrics.distribution import Distribution

SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
LONG_SECONDS: Final = (60.0, 600.0, 3600.0, 6 * 3600.0, 86400.0, 3 * 86400.0, 7 * 86400.0, 14 * 86400.0, 28 * 86400.0)
SINK_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REPLY_SECONDS: Final = (30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 8 * 3600.0, 24 * 3600.0, 72 * 3600.0)
PAINT_SECONDS: Final = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0)
AGAIN: Final = "What moves to another worker, or over a restart, is counted again there."


@dataclass(frozen=True)
class Metric:
    """The declaration of one metric."""

    name: str
    kind: type[Counter] | type[Gauge] | type[Histogram] | type[Distribution]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    exemplars: bool = False
    """Whether samples carry an exemplar, a `journey_id`, for scrapers that accept OpenMetrics."""


METRICS: Final = (
    Metric("touchline_events_total", Counter, "Accepted events.", ("source", "type")),
    Metric("touchline_rejected_total", Counter, "Rejected events and messages.", ("source", "reason")),
    Metric(
        "touchline_touchpoint_events_total",
        Counter,
        "Accepted events by touchpoint: the denominator of friction rates. Without probes.",
        ("touchpoint", "owner", "stage"),
    ),
    Metric(
        "touchline_frictions_total",
        Counter,
        "Frictions detected: each once, over all workers, however it moves between customers and is raised again.",
        ("kind", "touchpoint", "owner", "channel", "severity", "probe"),
        exemplars=True,
    ),
    Metric(
        "touchline_friction_withdrawn_total",
        Counter,
        "Frictions that no customer has any more: later events disproved them. Counted half a minute later.",
        ("kind",),
    ),
    Metric(
        "touchline_journeys_total",
        Counter,
        "Journeys closed: each once, by its first event.",
        ("outcome",),
        exemplars=True,
    ),
    Metric(
        "touchline_open_journeys",
        Gauge,
        "Journeys that are open, by their furthest stage. Reported by one worker for all.",
        ("stage",),
    ),
    Metric(
        "touchline_stage_seconds",
        Histogram,
        "Time from the first touch of a stage to the first touch of the next, in closed journeys.",
        ("from_stage", "to_stage"),
        LONG_SECONDS,
        exemplars=True,
    ),
    Metric(
        "touchline_first_reply_seconds",
        Histogram,
        f"Ticket opened to first reply. {AGAIN}",
        ("channel",),
        REPLY_SECONDS,
        exemplars=True,
    ),
    Metric(
        "touchline_delivery_delay_seconds",
        Histogram,
        f"Delivery after the promise; on time counts as 0. Each shipment once. {AGAIN}",
        ("channel",),
        (0.0, *LONG_SECONDS),
        exemplars=True,
    ),
    Metric(
        "touchline_queue_wait_seconds",
        Histogram,
        f"Wait in a store's queue. {AGAIN}",
        ("channel",),
        (30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0),
        exemplars=True,
    ),
    Metric(
        "touchline_page_lcp_seconds",
        Histogram,
        f"Largest contentful paint. {AGAIN}",
        ("touchpoint",),
        PAINT_SECONDS,
        exemplars=True,
    ),
    Metric(
        "touchline_order_value_at_risk",
        Gauge,
        "Order value of unconverted checkouts and of orders with a friction of severity 3, in open journeys, at the "
        "touchpoint of the journey's worst friction. Reported by one worker for all.",
        ("touchpoint", "currency"),
    ),
    Metric(
        "touchline_source_last_event_timestamp_seconds",
        Gauge,
        "When the last event of a source was received, seconds since the epoch.",
        ("source",),
    ),
    Metric(
        "touchline_event_latency_seconds",
        Distribution,
        "Event accepted to visible in ClickHouse, for events kept where they were posted first.",
        ("source",),
        SECONDS,
    ),
    Metric("touchline_consumer_lag", Gauge, "Records not yet done.", ("topic", "partition")),
    Metric(
        "touchline_consumer_position",
        Gauge,
        "Offset up to which all records are done: whether a worker makes progress.",
        ("topic", "partition"),
    ),
    Metric(
        "touchline_worker_standstill_seconds",
        Gauge,
        "How long a position has stood still, though batches wait and ClickHouse answers. After 600 s, a worker ends.",
    ),
    Metric("touchline_stitch_recalls_total", Counter, "Recalls taken, by the mailbox that recalls.", ("namespace",)),
    Metric("touchline_identity_shared_total", Counter, "Identifiers that became shared.", ("namespace",)),
    Metric("touchline_identifier_links_total", Counter, "Links taken, repeated ones included.", ("namespace",)),
    Metric("touchline_sink_seconds", Histogram, "Duration of a save.", ("table",), SINK_SECONDS),
    Metric("touchline_sink_rows_total", Counter, "Rows saved.", ("table",)),
    Metric(
        "touchline_sink_errors_total",
        Counter,
        "Inserts and queries (loads, claims, what is due, what was counted) that failed and were tried again.",
        ("table",),
    ),
)
