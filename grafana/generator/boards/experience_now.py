"""*Experience now*: what goes wrong for customers at this moment, whose it is, and what it may cost."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, over_time
from grafana.generator.variables import AT_TOUCHPOINT, CHOSEN, CUSTOMERS

_JOURNEY = opens("/d/touchline-journeys?var-journey=${__value.text}", "The journey, step by step")

_FRICTIONS = f"touchline_frictions_total{{{CUSTOMERS}}}"
_THEIRS = 'touchline_touchpoint_events_total{owner=~"$owner"}'
_AT_RISK = (
    'max by (touchpoint, currency) (touchline_order_value_at_risk{touchpoint=~"$touchpoint"}'
    f" unless on (touchpoint) (touchline_touchpoint_events_total unless on (touchpoint) {_THEIRS}))"
)
"""The value at risk has no owner: that of all touchpoints but those where only others own events."""

_RIGHT_NOW = Row(
    "Right now",
    (
        Panel(
            "stat",
            "Frictions, last 15 minutes",
            "Signs that something cost a customer effort, time or trust, of all severities. "
            "Compare it with the line behind the number: what counts is a change.",
            (over_time(frictions.lately(CUSTOMERS, 15)),),
            width=4,
            height=4,
        ),
        Panel(
            "stat",
            "Severe ones",
            "Of severity 3: lost or damaged goods, failed payments, reopened tickets, trouble that went on to"
            " another channel.",
            (over_time(frictions.lately(f'{CUSTOMERS}, severity="3"', 15)),),
            width=4,
            height=4,
            steps=((None, "green"), (10, "orange"), (50, "red")),
        ),
        Panel(
            "stat",
            "Order value at risk",
            "In open journeys: unconverted checkouts, and orders with a severe friction. Each journey counts once,"
            " on whatever channels it is.",
            (at_once(f"sum by (currency) ({_AT_RISK})", "{{currency}}"),),
            width=4,
            height=4,
            steps=((None, "orange"),),
        ),
        Panel(
            "stat",
            "Open journeys",
            "Journeys that have not ended: customers who are on their way, wait for a parcel or for an answer.",
            (over_time("sum(max by (stage) (touchline_open_journeys))"),),
            width=4,
            height=4,
        ),
        Panel(
            "stat",
            "Mystery shoppers stumbled",
            "Frictions of synthetic journeys in the last hour. They are made to go well: more than none is a fault.",
            (over_time(frictions.lately('probe="1"', 60)),),
            width=4,
            height=4,
            steps=((None, "green"), (0.5, "red")),
            runbook="MysteryShopperStumbled",
        ),
        Panel(
            "stat",
            "Silent sources",
            "Sources from which nothing has come for half an hour. Their frictions cannot be seen: no news is"
            " not good news.",
            (over_time("count(source:touchline_silence:seconds > 1800) or vector(0)"),),
            width=4,
            height=4,
            steps=((None, "green"), (1, "orange")),
            runbook="SourceSilent",
            drill_down="/d/touchline-pipeline-health",
        ),
    ),
)

_OBJECTIVES = Row(
    "Objectives",
    (
        Panel(
            "bargauge",
            "Budget left of 30 days",
            "What may still go wrong this month: 3 % of promised deliveries, 1 % of checkouts. Below 0 the"
            " objective is missed.",
            (at_once("objective:touchline_budget_left:ratio30d", "{{objective}}"),),
            unit="percentunit",
            steps=((None, "red"), (0, "orange"), (0.25, "green")),
            runbook="ObjectiveBurnsSlowly",
        ),
        Panel(
            "timeseries",
            "How fast the budget burns",
            "1: it lasts exactly 30 days. Above 6 for six hours or 14 for one hour an alert goes off, if it"
            " still goes on.",
            (
                over_time("objective:touchline_burn:rate1h", "{{objective}}, 1 h"),
                over_time("objective:touchline_burn:rate6h", "{{objective}}, 6 h"),
            ),
            width=16,
            steps=((None, "green"), (1, "orange"), (6, "red")),
            lines=True,
            runbook="ObjectiveBurnsFast",
        ),
    ),
)

_WHERE = Row(
    "Where, and whose",
    (
        Panel(
            "timeseries",
            "Frictions per hour, by touchpoint",
            "How many customers stumble where. A touchpoint with more traffic has more of them: see the next chart.",
            (
                over_time(
                    f"3600 * sum by (touchpoint) (rate({_FRICTIONS}[$__rate_interval]))",
                    "{{touchpoint}}",
                ),
            ),
            interval="5m",
            width=12,
            stacked=True,
            drill_down="/d/touchline-journeys",
        ),
        Panel(
            "timeseries",
            "Frictions per 100 events, by touchpoint",
            "The share of what customers do that goes wrong, over half an hour with five events or more, and its normal"
            " of the last week (once there is one).",
            (
                over_time(
                    f"100 * touchpoint:touchline_frictions:increase30m{{{AT_TOUCHPOINT}}}"
                    f" / (touchpoint:touchline_events:increase30m{{{AT_TOUCHPOINT}}} >= 5)",
                    "{{touchpoint}} ({{owner}})",
                ),
                over_time(
                    f"100 * touchpoint:touchline_frictions_per_event:normal7d{{{AT_TOUCHPOINT}}}",
                    "{{touchpoint}}, normal",
                ),
            ),
            width=12,
            runbook="FrictionAboveNormal",
        ),
        Panel(
            "bargauge",
            "By owner",
            "Which department's touchpoints it happened at, in the time shown.",
            (
                at_once(
                    f"sort_desc(round(sum by (owner) ({counted(_FRICTIONS)})))",
                    "{{owner}}",
                ),
            ),
            drill_down="/d/touchline-between-channels",
        ),
        Panel(
            "bargauge",
            "By channel",
            "Which channel the customer was on, in the time shown.",
            (
                at_once(
                    f"sort_desc(round(sum by (channel) ({counted(_FRICTIONS)})))",
                    "{{channel}}",
                ),
            ),
        ),
        Panel(
            "bargauge",
            "Frictions by kind",
            "The fifteen most frequent kinds in the time shown. What each means stands in the project's list of"
            " frictions.",
            (
                at_once(
                    f"sort_desc(topk(15, round(sum by (kind) ({counted(_FRICTIONS)}))))",
                    "{{kind}}",
                ),
            ),
            drill_down="/d/touchline-journeys",
        ),
        Panel(
            "timeseries",
            "Order value at risk, by touchpoint",
            "At the touchpoint of each open journey's worst friction.",
            (over_time(_AT_RISK, "{{touchpoint}} {{currency}}"),),
            width=12,
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Withdrawn per hour, by kind",
            "Frictions that later events disproved: the parcel had been delivered after all. Much of it after an outage"
            " of a feed is right. One that only moves to another customer is not among them; mystery shoppers' are.",
            (
                over_time(
                    "3600 * sum by (kind) (rate(touchline_friction_withdrawn_total[$__rate_interval]))", "{{kind}}"
                ),
            ),
            interval="5m",
            width=12,
        ),
    ),
)

_WORST = Row(
    "The people behind it",
    (
        Panel(
            "table",
            "Worst journeys right now",
            "Open journeys in which friction was found in the time shown, the worst first; score and value are those of"
            " the whole journey. Click a journey to see it step by step.",
            (
                Sql(
                    """
SELECT journey_id AS journey, customer, friction_score AS score, outcome, value_at_risk AS at_risk, currency, frictions,
    latest
FROM
(
    SELECT journey_id, customer, friction_score, outcome, value_at_risk, currency
    FROM journey_summaries WHERE status = 'open' AND NOT probe
) AS journeys
JOIN
(
    SELECT journey_id, arrayStringConcat(arraySort(groupUniqArray(kind)), ', ') AS frictions, max(detected_at) AS latest
    FROM frictions WHERE $__timeFilter(detected_at) AND {chosen} GROUP BY journey_id
) AS recent USING (journey_id)
ORDER BY score DESC, latest DESC
LIMIT 25
""",
                    chosen=CHOSEN,
                ),
            ),
            width=24,
            height=9,
            columns={"journey": _JOURNEY},
        ),
        Panel(
            "table",
            "Experience matrix",
            "Touchpoints by the severity of all frictions that happened there in the time shown: mend first what is"
            " frequent and severe. Of 100 events there, so many were followed by friction; customers are those who met"
            " some.",
            (
                Sql(
                    """
SELECT touchpoint, owner, events, frictions, if(events = 0, NULL, round(100 * frictions / events, 1)) AS per_100_events,
    severity, customers
FROM
(
    SELECT touchpoint, owner, count() AS events
    FROM touchpoints WHERE $__timeFilter(time) AND {chosen} GROUP BY touchpoint, owner
) AS volume
FULL JOIN
(
    SELECT touchpoint, owner, count() AS frictions, sum(severity) AS severity, uniqExact(customer) AS customers
    FROM frictions WHERE $__timeFilter(time) AND {chosen} GROUP BY touchpoint, owner
) AS trouble USING (touchpoint, owner)
ORDER BY severity DESC
""",
                    chosen=CHOSEN,
                ),
            ),
            width=24,
            height=9,
        ),
    ),
)

EXPERIENCE_NOW = Board(
    "experience-now",
    "Experience now",
    "What goes wrong for customers at this moment, whose it is, and what it may cost.",
    (variables.owner(), variables.touchpoint(of_owner=True), variables.channel()),
    (_RIGHT_NOW, _OBJECTIVES, _WHERE, _WORST),
    since="now-6h",
)
