"""*Experience now*: what is going wrong for customers, which department owns it, and what it may cost."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, over_time
from grafana.generator.variables import AT_TOUCHPOINT, CHOSEN, CUSTOMERS

_JOURNEY = opens("/d/touchline-journeys?var-journey=${__value.text}", "Show this journey")

_FRICTIONS = f"touchline_frictions_total{{{CUSTOMERS}}}"
_THEIRS = 'touchline_touchpoint_events_total{owner=~"$owner"}'
_AT_RISK = (
    'max by (touchpoint, currency) (touchline_order_value_at_risk{touchpoint=~"$touchpoint"}'
    f" unless on (touchpoint) (touchline_touchpoint_events_total unless on (touchpoint) {_THEIRS}))"
)
"""The metric has no label `owner`: leave out the touchpoints at which only owners who are not chosen own events."""

_RIGHT_NOW = Row(
    "Right now",
    (
        Panel(
            "stat",
            "Frictions, last 15 minutes",
            "Signs that something cost a customer effort, time or trust, of any severity. Watch for changes: compare"
            " the number with the line behind it.",
            (over_time(frictions.lately(CUSTOMERS, 15)),),
            width=4,
            height=4,
        ),
        Panel(
            "stat",
            "Severe frictions",
            "Of severity 3, in the last 15 minutes: lost or damaged goods, failed payments, reopened tickets, trouble"
            " online that led to a support contact.",
            (over_time(frictions.lately(f'{CUSTOMERS}, severity="3"', 15)),),
            width=4,
            height=4,
            steps=((None, "green"), (10, "orange"), (50, "red")),
        ),
        Panel(
            "stat",
            "Order value at risk",
            "Value of abandoned checkouts without a later order, and of orders in journeys with a severe friction. Open"
            " journeys only; each counts once. The filter by channel does not apply.",
            (at_once(f"sum by (currency) ({_AT_RISK})", "{{currency}}"),),
            width=4,
            height=4,
            steps=((None, "orange"),),
        ),
        Panel(
            "stat",
            "Open journeys",
            "Journeys that are not closed: customers who were active in the last two weeks, or who wait for a parcel or"
            " an answer.",
            (over_time("sum(max by (stage) (touchline_open_journeys))"),),
            width=4,
            height=4,
        ),
        Panel(
            "stat",
            "Mystery shoppers stumbled",
            "Frictions in synthetic journeys in the last hour. Their scripts are made to go well, so any friction is"
            " a fault.",
            (over_time(frictions.lately('probe="1"', 60)),),
            width=4,
            height=4,
            steps=((None, "green"), (0.5, "red")),
            runbook="MysteryShopperStumbled",
        ),
        Panel(
            "stat",
            "Silent sources",
            "Sources that have sent nothing for half an hour. Their frictions go unseen: until they are back, a lack of"
            " frictions means nothing.",
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
            "30-day budgets left",
            "Share of the failures allowed in 30 days that is left: 3 % of promised deliveries may be late, 1 % of"
            " checkouts may meet a failed payment. Below 0 the objective is missed.",
            (at_once("objective:touchline_budget_left:ratio30d", "{{objective}}"),),
            unit="percentunit",
            steps=((None, "red"), (0, "orange"), (0.25, "green")),
            runbook="ObjectiveBurnsSlowly",
        ),
        Panel(
            "timeseries",
            "Burn rate of the budgets",
            "At 1 a budget lasts exactly 30 days. An alert fires when the rate is above 14.4 over 1 h or above 6 over"
            " 6 h, with at least five failures, and the budget still burns as fast.",
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
    "Touchpoints and owners",
    (
        Panel(
            "timeseries",
            "Frictions per hour, by touchpoint",
            "Where customers meet friction. Touchpoints with more traffic have more of it: the next chart takes that"
            " into account.",
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
            "Frictions per 100 events over half an hour, at touchpoints with five events or more. Compare them with"
            " the line normal: the average of the last week, shown after a day of data.",
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
            "Frictions by owner",
            "Frictions in the time range, by the department that owns the touchpoint.",
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
            "Frictions by channel",
            "Frictions in the time range, by the channel that the customer was on.",
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
            "The fifteen most frequent kinds in the time range. pipeline/frictions/README.md defines each.",
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
            "The value of each open journey counts at the touchpoint of its worst friction.",
            (over_time(_AT_RISK, "{{touchpoint}} {{currency}}"),),
            width=12,
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Frictions withdrawn per hour, by kind",
            "Frictions that later events disproved, for example because the parcel had been delivered after all. Many"
            " are to be expected after a feed was down. A friction that only moves to another customer is not counted;"
            " those of mystery shoppers are.",
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
    "Worst journeys and touchpoints",
    (
        Panel(
            "table",
            "Worst journeys right now",
            "Open journeys in which a friction was detected in the time range, the highest score first. Score and value"
            " at risk are those of the whole journey. Click a journey to see it step by step.",
            (
                Sql(
                    """
SELECT journey_id AS journey, customer, friction_score AS score, outcome, round(value_at_risk, 2) AS at_risk, currency,
    frictions, latest
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
            "Touchpoints by the total severity of their frictions in the time range: fix first what is both frequent"
            " and severe. per_100_events: frictions per 100 events of the touchpoint; customers: how many met a"
            " friction there.",
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
    "What is going wrong for customers right now, which department owns it, and what it may cost.",
    (variables.owner(), variables.touchpoint(of_owner=True), variables.channel()),
    (_RIGHT_NOW, _OBJECTIVES, _WHERE, _WORST),
    since="now-6h",
)
