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
            "Accepted events. A source that stops is a feed that is down, not a day without customers.",
            (over_time(f"sum by (source) (rate(touchline_events_total{{{_FROM}}}[$__rate_interval]))", "{{source}}"),),
            unit="eps",
            width=10,
            stacked=True,
            runbook="SourceSilent",
        ),
        Panel(
            "bargauge",
            "Silence",
            "Time since the last event of each source. Sources that no worker has reported for a day are not shown.",
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
            "Messages that became dead letters. A burst usually means that a sender changed what it sends.",
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
            "The most frequent details in the time range: which field, and what was expected.",
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
            "Workers that answer Prometheus. At 0 nothing is processed: events wait in the broker.",
            (over_time('sum(up{job="touchline-workers"}) or vector(0)'),),
            width=4,
            steps=((None, "red"), (1, "green")),
            runbook="NoWorker",
        ),
        Panel(
            "timeseries",
            "Lag, by topic",
            "How long the workers need for the backlog at their current pace. It may rise in a rush but must fall"
            " afterwards; an alert fires if it is above 1 min and the backlog keeps growing.",
            (over_time("topic:touchline_backlog:seconds", "{{topic}}"),),
            unit="s",
            width=10,
            steps=((None, "green"), (60, "red")),
            lines=True,
            runbook="WorkersTooSlow",
        ),
        Panel(
            "timeseries",
            "Messages processed per second, by topic",
            "How fast the workers process messages. If a topic has lag and stays at 0, a worker is stuck.",
            (over_time("sum by (topic) (deriv(touchline_consumer_position[1m]))", "{{topic}}"),),
            width=10,
            runbook="WorkerStuck",
        ),
        Panel(
            "timeseries",
            "Event latency",
            "Time from the acceptance of an event until it is visible in ClickHouse: median and 99th percentile. An"
            " alert fires if the 99th percentile stays above 30 s.",
            (
                over_time(
                    "histogram_quantile(0.5, sum by (le)"
                    f" (rate(touchline_event_latency_seconds_bucket{{{_FROM}}}[$__rate_interval])))",
                    "median",
                ),
                over_time(
                    "histogram_quantile(0.99, sum by (le)"
                    f" (rate(touchline_event_latency_seconds_bucket{{{_FROM}}}[$__rate_interval])))",
                    "99th percentile",
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
            "Worker memory",
            "Resident memory of each worker. It must stay flat over days.",
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
            "Collectors that answer Prometheus. At 0 no events arrive over HTTP. Empty if Prometheus scrapes none.",
            (over_time('sum(up{job="touchline-collector"})'),),
            width=4,
            steps=((None, "red"), (1, "green")),
            runbook="NoCollector",
        ),
        Panel(
            "timeseries",
            "Requests per second, by status",
            "What senders are told. 2xx: accepted; 4xx: refused; 5xx: send again, usually because the broker does not"
            " acknowledge.",
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
            "Single events (reason event) and whole requests (all other reasons). They leave no dead letters: only the"
            " sender is told.",
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
            "How long the broker takes to acknowledge a request's events: median and 99th percentile.",
            (
                over_time(
                    "histogram_quantile(0.5, sum by (le)"
                    " (rate(touchline_collector_produce_seconds_bucket[$__rate_interval])))",
                    "median",
                ),
                over_time(
                    "histogram_quantile(0.99, sum by (le)"
                    " (rate(touchline_collector_produce_seconds_bucket[$__rate_interval])))",
                    "99th percentile",
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
            "Includes new versions of rows: journeys are written again with every event.",
            (over_time("sum by (table) (rate(touchline_sink_rows_total[$__rate_interval]))", "{{table}}"),),
            unit="rowsps",
            runbook="SinkFailing",
        ),
        Panel(
            "timeseries",
            "Save duration",
            "95 % of inserts took no longer than this. Seconds mean that ClickHouse is busy with something else.",
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
            "Failed inserts and queries",
            "Inserts and queries that failed and are retried. Nothing new becomes visible until ClickHouse recovers;"
            " restarting workers does not help.",
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
            "Links prove that two identifiers belong to one customer. Repeated ones are included.",
            (
                over_time(
                    "sum by (namespace) (rate(touchline_identifier_links_total[$__rate_interval]))", "{{namespace}}"
                ),
            ),
        ),
        Panel(
            "timeseries",
            "Recalls per second, by namespace",
            "Recalls call events back because the owner of an identifier changed. Many for a long time: owners change"
            " back and forth.",
            (
                over_time(
                    "sum by (namespace) (rate(touchline_stitch_recalls_total[$__rate_interval]))", "{{namespace}}"
                ),
            ),
        ),
        Panel(
            "timeseries",
            "Identifiers that became shared, per hour",
            "Identifiers that belong to too many customers to tell whose an event is. A burst usually means that a"
            " sender fills in a default.",
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
            "Firing alerts",
            "The runbook says what each means and what to do. AlertingWorks always fires and is left out.",
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
