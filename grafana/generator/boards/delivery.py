"""*Delivery*: promises kept and broken, and what happened on the way."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, buckets, over_time

_KINDS = "late_delivery|promise_moved|failed_attempt|damaged|lost_parcel|stalled_parcel|cold_chain_breach"
_DELAY = "touchline_delivery_delay_seconds"
_ON_TIME = f'{_DELAY}_bucket{{le="0.0"}}'
_SHIPPED = "type = 'delivery.parcel_shipped' AND NOT probe AND $__timeFilter(time)"
_MET = "NOT probe AND $__conditionalAll(touchpoint IN (${touchpoint:singlequote}), $touchpoint)"
"""Over `frictions`: those of customers at the chosen touchpoints."""
_PARCEL = (
    "ifNull(nullIf(arrayFirst(name -> startsWith(name, 'parcel_id:'), identifiers), ''),"
    " arrayFirst(name -> startsWith(name, 'order_id:'), identifiers))"
)
"""Of a delivery event: its parcel or, if it names none, its order."""

DELIVERY = Board(
    "delivery",
    "Delivery",
    "Promises kept and broken, and what happened to parcels on the way.",
    (variables.touchpoint(),),
    (
        Row(
            "Promises",
            (
                Panel(
                    "stat",
                    "Delivered as promised",
                    "Share of parcels delivered on time, of those with a promise that were delivered in the time range."
                    " The objective is 97 %.",
                    (at_once(f"sum({counted(_ON_TIME)}) / sum({counted(f'{_DELAY}_count')})"),),
                    unit="percentunit",
                    width=5,
                    steps=((None, "red"), (0.94, "orange"), (0.97, "green")),
                    runbook="ObjectiveBurnsFast",
                ),
                Panel(
                    "stat",
                    "Carrier silence",
                    "Time since the last event from carriers (source delivery). While they are silent, parcels that are"
                    " on time look late.",
                    (at_once('source:touchline_silence:seconds{source="delivery"}'),),
                    unit="s",
                    width=4,
                    steps=((None, "green"), (1800, "orange"), (7200, "red")),
                    runbook="SourceSilent",
                ),
                Panel(
                    "timeseries",
                    "Delivery delay",
                    "Time from the promise to the delivery, of all parcels with a promise: median and 90th percentile."
                    " 0 is on time.",
                    (
                        over_time(
                            f"histogram_quantile(0.5, sum by (le) (rate({_DELAY}_bucket[$__rate_interval])))", "median"
                        ),
                        over_time(
                            f"histogram_quantile(0.9, sum by (le) (rate({_DELAY}_bucket[$__rate_interval])))",
                            "90th percentile",
                        ),
                    ),
                    unit="s",
                    width=15,
                    interval="30m",
                ),
                Panel(
                    "timeseries",
                    "Burn rate of the delivery budget",
                    "3 % of promised deliveries may be late. At 1 this budget lasts exactly 30 days, above 1 less.",
                    (
                        over_time('objective:touchline_burn:rate1h{objective="deliveries_as_promised"}', "1 h"),
                        over_time('objective:touchline_burn:rate6h{objective="deliveries_as_promised"}', "6 h"),
                        over_time('objective:touchline_burn:rate3d{objective="deliveries_as_promised"}', "3 d"),
                    ),
                    width=9,
                    steps=((None, "green"), (1, "orange"), (6, "red")),
                    lines=True,
                    runbook="ObjectiveBurnsSlowly",
                ),
                Panel(
                    "heatmap",
                    "Delays",
                    "Number of deliveries by how long after the promise they came.",
                    (buckets(f"sum by (le) (increase({_DELAY}_bucket[$__rate_interval]))"),),
                    unit="s",
                    width=15,
                    interval="30m",
                ),
            ),
        ),
        Row(
            "On the way",
            (
                frictions.per_hour(
                    "Frictions per hour, by kind",
                    "What went wrong between shipping and the doorstep.",
                    _KINDS,
                    'touchpoint=~"$touchpoint"',
                    width=12,
                ),
                Panel(
                    "table",
                    "Carriers",
                    "Parcels shipped in the time range, and how many had trouble so far. late: delivered late, or"
                    " overdue; not_met: a delivery attempt failed; harmed: damaged, lost, too warm or too cold. A"
                    " carrier has a row for each spelling that senders use.",
                    (
                        Sql(
                            """
SELECT if(carrier = '', 'not said', carrier) AS carrier, count() AS parcels,
    countIf(has(kinds, 'late_delivery')) AS late, round(100 * late / parcels, 1) AS late_per_100,
    countIf(has(kinds, 'failed_attempt')) AS not_met,
    countIf(hasAny(kinds, ['damaged', 'lost_parcel', 'cold_chain_breach'])) AS harmed
FROM
(
    SELECT {parcel} AS parcel, any(JSONExtractString(data, 'carrier')) AS carrier
    FROM touchpoints WHERE {shipped} GROUP BY parcel
) AS shipped
LEFT JOIN
(
    SELECT parcel, groupUniqArray(kind) AS kinds
    FROM
    (
        SELECT journey_id, kind, arrayJoin(evidence) AS event_id FROM frictions
        WHERE NOT probe AND {theirs}
    ) AS met
    JOIN
    (
        SELECT journey_id, event_id, {parcel} AS parcel FROM touchpoints
        WHERE source = 'delivery' AND {theirs}
    ) AS told USING (journey_id, event_id)
    GROUP BY parcel
) AS trouble USING (parcel)
GROUP BY carrier
ORDER BY parcels DESC
""",
                            theirs="(customer, journey_id) GLOBAL IN"
                            " (SELECT customer, journey_id FROM touchpoints WHERE {shipped})",
                            parcel=_PARCEL,
                            shipped=_SHIPPED,
                        ),
                    ),
                    width=12,
                ),
                Panel(
                    "barchart",
                    "Late deliveries, by days late",
                    "Promises broken in the time range, by how long after them the parcel came, or how long it is"
                    " overdue.",
                    (
                        Sql(
                            """
SELECT ['up to a day', 'up to three days', 'longer'][severity] AS late, count() AS deliveries
FROM frictions WHERE kind = 'late_delivery' AND {chosen} AND $__timeFilter(time)
GROUP BY severity ORDER BY severity
""",
                            chosen=_MET,
                        ),
                    ),
                    width=8,
                ),
                Panel(
                    "table",
                    "Late, lost, damaged: the latest",
                    "Tell these customers before they call. Click a journey to see it step by step.",
                    (
                        Sql(
                            """
SELECT detected_at, kind, severity, customer, journey_id AS journey, touchpoint
FROM frictions
WHERE kind IN ('late_delivery', 'lost_parcel', 'damaged', 'cold_chain_breach') AND {chosen}
    AND $__timeFilter(detected_at)
ORDER BY detected_at DESC LIMIT 50
""",
                            chosen=_MET,
                        ),
                    ),
                    width=16,
                    columns={
                        "journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "Show this journey")
                    },
                ),
            ),
        ),
    ),
)
