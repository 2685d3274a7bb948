"""*Pipeline health*: whether the figures on the other dashboards can be trusted."""

from grafana.generator import variables
from grafana.generator.board import Board, Row
from grafana.generator.panel import Panel
from grafana.generator.sources import Sql, at_once, over_time

_FROM = 'source=~"$source"'

_SOURCES = Row(
    "Sources",
    (
        Panel(
            "timeseries",
            "Events per second, by source",
            "What was accepted. A source that stops is a feed that is down, not a day without customers.",
            (over_time(f"sum by (source) (rate(touchline_events_total{{{_FROM}}}[$__rate_interval]))", "{{source}}"),),
            unit="eps",
            width=10,
            stacked=True,
            runbook="SourceSilent",
        ),
        Panel(
            "bargauge",
            "Silence",
            "Time since each source was last heard of, of those that a worker heard of within a day.",
            (
                at_once(
                    "time() - max by (source)"
                    f" (max_over_time(touchline_source_last_event_timestamp_seconds{{{_FROM}}}[1d]))",
                    "{{source}}",
                ),
            ),
            unit="s",
            width=6,
            steps=((None, "green"), (1800, "orange"), (7200, "red")),
            runbook="SourceSilent",
        ),
        Panel(
            "timeseries",
            "Rejected per minute, by reason",
            "Messages that became dead letters. A burst means that a sender changed what it sends.",
            (
                over_time(
                    f"60 * sum by (source, reason) (rate(touchline_rejected_total{{{_FROM}}}[$__rate_interval])) > 0",
                    "{{source}}: {{reason}}",
                ),
            ),
            stacked=True,
            runbook="DeadLetterBurst",
        ),
        Panel(
            "table",
            "Why they were rejected",
            "The most frequent details of the time shown: which field, and what was expected.",
            (
                Sql("""
SELECT reason, type, detail, count() AS times, max(received_at) AS latest
FROM dead_letters WHERE $__timeFilter(received_at)
GROUP BY reason, type, detail ORDER BY times DESC LIMIT 20
"""),
            ),
            width=24,
            height=6,
            runbook="ManyRejections",
        ),
    ),
)

_WORKERS = Row(
    "Workers",
    (
        Panel(
            "stat",
            "Workers up",
            "Workers that answer Prometheus.",
            (over_time('sum(up{job="touchline-workers"}) or vector(0)'),),
            width=4,
            steps=((None, "red"), (1, "green")),
            runbook="NoWorker",
        ),
        Panel(
            "timeseries",
            "Lag, by topic",
            "How long what waits takes at the present pace. It may rise in a rush and must fall after it.",
            (over_time("topic:touchline_backlog:seconds", "{{topic}}"),),
            unit="s",
            width=10,
            steps=((None, "green"), (60, "red")),
            lines=True,
            runbook="WorkersTooSlow",
        ),
        Panel(
            "timeseries",
            "Messages done per second, by topic",
            "How fast the workers get on. Lag without any of this: a worker is stuck.",
            (over_time("sum by (topic) (deriv(touchline_consumer_position[1m]))", "{{topic}}"),),
            width=10,
            runbook="WorkerStuck",
        ),
        Panel(
            "timeseries",
            "Event latency",
            "From acceptance to visibility in ClickHouse: half of the events, and 99 in 100, took no longer.",
            (
                over_time(
                    "histogram_quantile(0.5, sum by (le)"
                    f" (rate(touchline_event_latency_seconds_bucket{{{_FROM}}}[$__rate_interval])))",
                    "half",
                ),
                over_time(
                    "histogram_quantile(0.99, sum by (le)"
                    f" (rate(touchline_event_latency_seconds_bucket{{{_FROM}}}[$__rate_interval])))",
                    "99 in 100",
                ),
            ),
            unit="s",
            width=12,
            steps=((None, "green"), (30, "red")),
            lines=True,
            runbook="EventsLate",
        ),
        Panel(
            "timeseries",
            "Memory of the workers",
            "Must stay flat over days.",
            (over_time('process_resident_memory_bytes{job="touchline-workers"}', "{{instance}}"),),
            unit="bytes",
            width=12,
            runbook="WorkerDown",
        ),
    ),
)

_COLLECTOR = Row(
    "Collector",
    (
        Panel(
            "stat",
            "Collectors up",
            "Collectors that answer Prometheus. Nothing is shown where none ever ran.",
            (over_time('sum(up{job="touchline-collector"})'),),
            width=4,
            steps=((None, "red"), (1, "green")),
            runbook="NoCollector",
        ),
        Panel(
            "timeseries",
            "Requests per second, by status",
            "What senders are told: 2xx is taken, 4xx refused; 5xx: come again, the broker does not acknowledge.",
            (
                over_time(
                    'sum by (status) (rate(touchline_collector_requests_total{path=~"/v1/.+"}[$__rate_interval])) > 0',
                    "{{status}}",
                ),
            ),
            unit="reqps",
            width=7,
            stacked=True,
            runbook="CollectorCannotDeliver",
        ),
        Panel(
            "timeseries",
            "Refused per minute, by reason",
            "Single events (event), and whole requests (all else). They are no dead letters: only the sender is told.",
            (
                over_time(
                    "60 * sum by (reason) (rate(touchline_collector_refused_total[$__rate_interval])) > 0",
                    "{{reason}}",
                ),
            ),
            width=7,
            stacked=True,
            runbook="CollectorRefusesMost",
        ),
        Panel(
            "timeseries",
            "Time to acknowledgement",
            "How long the broker takes to acknowledge a request's events: half of them, and 99 in 100, took no longer.",
            (
                over_time(
                    "histogram_quantile(0.5, sum by (le)"
                    " (rate(touchline_collector_produce_seconds_bucket[$__rate_interval])))",
                    "half",
                ),
                over_time(
                    "histogram_quantile(0.99, sum by (le)"
                    " (rate(touchline_collector_produce_seconds_bucket[$__rate_interval])))",
                    "99 in 100",
                ),
            ),
            unit="s",
            width=6,
            runbook="CollectorCannotDeliver",
        ),
    ),
)

_SINK = Row(
    "ClickHouse",
    (
        Panel(
            "timeseries",
            "Rows saved per second, by table",
            "New versions of rows included: journeys are written again with every event.",
            (over_time("sum by (table) (rate(touchline_sink_rows_total[$__rate_interval]))", "{{table}}"),),
            unit="rowsps",
            runbook="SinkFailing",
        ),
        Panel(
            "timeseries",
            "Save duration",
            "95 in 100 inserts took no longer. Seconds mean that ClickHouse is busy with something else.",
            (
                over_time(
                    "histogram_quantile(0.95, sum by (le, table)"
                    " (rate(touchline_sink_seconds_bucket[$__rate_interval])))",
                    "{{table}}",
                ),
            ),
            unit="s",
            runbook="SinkFailing",
        ),
        Panel(
            "timeseries",
            "Failed saves and questions",
            "Inserts and loads that failed and are tried again. While they last, nothing new becomes visible.",
            (
                over_time(
                    "sum by (table) (increase(touchline_sink_errors_total[$__rate_interval]))"
                    ' or label_replace(vector(0), "table", "none", "", "")',
                    "{{table}}",
                ),
            ),
            steps=((None, "green"), (1, "red")),
            runbook="SinkFailing",
        ),
    ),
)

_IDENTITY = Row(
    "Identity",
    (
        Panel(
            "timeseries",
            "Links per second, by namespace",
            "Proofs that two identifiers belong to one customer, repeated ones included.",
            (
                over_time(
                    "sum by (namespace) (rate(touchline_identifier_links_total[$__rate_interval]))", "{{namespace}}"
                ),
            ),
        ),
        Panel(
            "timeseries",
            "Recalls per second, by namespace",
            "Events that are called back because a link came or changed. Many for long: links that go to and fro.",
            (
                over_time(
                    "sum by (namespace) (rate(touchline_stitch_recalls_total[$__rate_interval]))", "{{namespace}}"
                ),
            ),
        ),
        Panel(
            "timeseries",
            "Identifiers that became shared, per hour",
            "They belong to too many to say whose an event is. A burst: a sender fills in a default.",
            (
                over_time(
                    "3600 * sum by (namespace) (rate(touchline_identity_shared_total[$__rate_interval]))",
                    "{{namespace}}",
                ),
            ),
            runbook="IdentifiersBecomeShared",
        ),
    ),
)

_ALERTS = Row(
    "Alerts",
    (
        Panel(
            "timeseries",
            "Alerts that are on",
            "By name; the runbook says what each means and what to do. AlertingWorks is always on and is left out.",
            (
                over_time(
                    'count by (alertname) (ALERTS{alertstate="firing", severity!="none"})'
                    ' or label_replace(vector(0), "alertname", "none", "", "")',
                    "{{alertname}}",
                ),
            ),
            width=24,
            height=6,
            stacked=True,
            runbook="AlertingWorks",
        ),
    ),
)

PIPELINE_HEALTH = Board(
    "pipeline-health",
    "Pipeline health",
    "Whether the figures on the other dashboards can be trusted: sources, workers, collector, ClickHouse, identity.",
    (variables.source(),),
    (_SOURCES, _WORKERS, _COLLECTOR, _SINK, _IDENTITY, _ALERTS),
    since="now-3h",
)
