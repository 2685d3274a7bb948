"""*Journeys*: how far customers get, by which paths, and one journey step by step."""

from grafana.generator import variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once
from grafana.generator.steps import BOUGHT, ENDED, OF_JOURNEYS, RETURNED, in_order
from grafana.generator.variables import CHOSEN

_JOURNEY = opens("/d/touchline-journeys?var-journey=${__value.text}", "Show this journey")

_WHOLE = Row(
    "All journeys",
    (
        Panel(
            "barchart",
            "Stages reached",
            "Journeys that reached each stage or a later one, of those whose last step so far is in the time range.",
            (
                Sql(
                    """
WITH ['discover', 'evaluate', 'buy', 'receive', 'use', 'support', 'advocate'] AS stages
SELECT stage, countIf(indexOf(stages, furthest_stage) >= place) AS journeys
FROM journey_summaries
ARRAY JOIN stages AS stage, arrayEnumerate(stages) AS place
WHERE {chosen}
GROUP BY stage, place
ORDER BY place
""",
                    chosen=ENDED,
                ),
            ),
            width=8,
        ),
        Panel(
            "barchart",
            "Outcomes",
            "Outcomes of journeys whose last step so far is in the time range. browsing: none of the others;"
            " unresolved: a ticket is open. A journey with an order and a return counts as returned, not as converted.",
            (
                Sql(
                    """
SELECT outcome, count() AS journeys
FROM journey_summaries WHERE {chosen} GROUP BY outcome ORDER BY journeys DESC
""",
                    chosen=ENDED,
                ),
            ),
            width=8,
        ),
        Panel(
            "bargauge",
            "Closed, by outcome",
            "Journeys that closed in the time range. A journey closes two weeks after its last step at the earliest.",
            (at_once(f"sort_desc(round(sum by (outcome) ({counted('touchline_journeys_total')})))", "{{outcome}}"),),
            width=8,
        ),
        Panel(
            "bargauge",
            "Open, by furthest stage",
            "Journeys that are open now, by the furthest stage that they have reached.",
            (at_once("sort_desc(max by (stage) (touchline_open_journeys))", "{{stage}}"),),
            width=8,
        ),
        Panel(
            "bargauge",
            "From stage to stage",
            "Median time from the first touch of a stage to the first touch of the next, in journeys that closed in"
            " the time range.",
            (
                at_once(
                    "histogram_quantile(0.5, sum by (le, from_stage, to_stage)"
                    f" ({counted('touchline_stage_seconds_bucket')})) >= 0",
                    "{{from_stage}} → {{to_stage}}",
                ),
            ),
            unit="s",
            width=8,
        ),
        Panel(
            "table",
            "Time between stages",
            "Time from the first touch of a stage to that of the next, in all journeys whose last step so far is in the"
            " time range, open ones included. half: the median; nine_in_ten: the 90th percentile.",
            (
                Sql(
                    """
SELECT pair.1 AS from_stage, pair.2 AS to_stage, count() AS journeys,
    round(quantile(0.5)(pair.3)) AS half, round(quantile(0.9)(pair.3)) AS nine_in_ten
FROM
(
    SELECT arraySort(groupArray((first, stage))) AS reached,
        arrayJoin(arrayMap(
            (before, after) -> (before.2, after.2, dateDiff('millisecond', before.1, after.1) / 1000),
            arrayPopBack(reached), arrayPopFront(reached))) AS pair
    FROM
    (
        SELECT journey_id, stage, min(time) AS first FROM touchpoints WHERE {chosen} GROUP BY journey_id, stage
    )
    GROUP BY journey_id
)
GROUP BY from_stage, to_stage
ORDER BY journeys DESC
LIMIT 20
""",
                    chosen=OF_JOURNEYS,
                ),
            ),
            width=8,
            columns={"half": {"unit": "s"}, "nine_in_ten": {"unit": "s"}},
        ),
        Panel(
            "table",
            "Paths",
            "How journeys of several steps begin: the most frequent sequences of their first six touchpoints, without"
            " repetitions. converted_per_100: how many of 100 such journeys have an order or purchase, at whatever step"
            " and whatever came after; friction_score: their mean.",
            (
                Sql(
                    """
SELECT path, count() AS journeys, round(100 * countIf(bought) / journeys, 1) AS converted_per_100,
    round(avg(score), 1) AS friction_score
FROM
(
    SELECT journey_id, countIf({bought}) > 0 AS bought,
        arrayStringConcat(arraySlice(arrayCompact({touchpoints}), 1, 6), ' → ') AS path
    FROM touchpoints WHERE {steps} GROUP BY journey_id HAVING count() > 1
) AS taken
ANY LEFT JOIN
(
    SELECT journey_id, friction_score AS score FROM journey_summaries WHERE {ended}
) AS journeys USING (journey_id)
GROUP BY path ORDER BY journeys DESC LIMIT 25
""",
                    bought=BOUGHT,
                    touchpoints=in_order("touchpoint"),
                    steps=OF_JOURNEYS,
                    ended=ENDED,
                ),
            ),
            width=12,
            height=10,
        ),
        Panel(
            "table",
            "Friction and what becomes of the journey",
            "Journeys of several steps by friction score: slight is below 3, some below 8, much 8 or more. Of 100, how"
            " many converted (ordered or purchased, whatever came after), and how many returned something; order_value:"
            " the mean of journeys that have one, whatever its currency. Long journeys have more of everything: this"
            " proves no cause.",
            (
                Sql(
                    """
SELECT
    multiIf(friction_score = 0, 'none', friction_score < 3, 'slight', friction_score < 8, 'some', 'much') AS friction,
    count() AS journeys,
    round(100 * countIf(bought) / journeys, 1) AS converted_per_100,
    round(100 * countIf(returned) / journeys, 1) AS returned_per_100,
    round(avgOrNullIf(value, value > 0), 2) AS order_value
FROM
(
    SELECT journey_id, friction_score, order_value AS value FROM journey_summaries WHERE {ended} AND events > 1
) AS journeys
LEFT JOIN
(
    SELECT journey_id, countIf({bought}) > 0 AS bought, countIf({returned}) > 0 AS returned
    FROM touchpoints WHERE ({bought} OR {returned}) AND {steps} GROUP BY journey_id
) AS taken USING (journey_id)
GROUP BY friction ORDER BY min(friction_score)
""",
                    bought=BOUGHT,
                    returned=RETURNED,
                    steps=OF_JOURNEYS,
                    ended=ENDED,
                ),
            ),
            width=12,
            height=10,
        ),
    ),
)

_DRILL_DOWN = Row(
    "From a friction to the journey",
    (
        Panel(
            "table",
            "Frictions",
            "The latest frictions in the time range. Choose owner, touchpoint and channel above, then click a journey.",
            (
                Sql(
                    """
SELECT time, kind, severity, journey_id AS journey, touchpoint, owner, channel, customer
FROM frictions
WHERE $__timeFilter(time) AND {chosen}
ORDER BY time DESC LIMIT 200
""",
                    chosen=CHOSEN,
                ),
            ),
            width=12,
            height=12,
            columns={"journey": _JOURNEY},
        ),
        Panel(
            "table",
            "One journey, step by step",
            "The journey clicked on the left or entered above; without one, that with the highest friction score in the"
            " time range. Each friction is shown beside the steps that prove it.",
            (
                Sql("""
WITH
(
    SELECT (customer, journey_id) FROM journey_summaries
    WHERE if(${journey:sqlstring} != '', journey_id = ${journey:sqlstring}, $__timeFilter(ended_at) AND NOT probe)
    ORDER BY friction_score DESC LIMIT 1
) AS this
SELECT step.time AS at, step.type AS type, step.touchpoint AS touchpoint, step.stage AS stage, step.channel AS channel,
    arrayStringConcat(arraySort(groupUniqArrayIf(met.kind, met.kind != '')), ', ') AS friction
FROM
(
    SELECT event_source, event_id, time, type, touchpoint, stage, channel FROM touchpoints
    WHERE customer = this.1 AND journey_id = this.2
) AS step
LEFT JOIN
(
    SELECT kind, arrayJoin(evidence) AS event_id FROM frictions WHERE customer = this.1 AND journey_id = this.2
) AS met ON met.event_id = step.event_id
GROUP BY step.event_source, step.event_id, at, type, touchpoint, stage, channel
ORDER BY at, step.event_source, step.event_id
LIMIT 500
"""),
            ),
            width=12,
            height=12,
        ),
    ),
)

JOURNEYS = Board(
    "journeys",
    "Journeys",
    "How far customers get, by which paths, what friction does to them, and one journey step by step.",
    (
        variables.owner(),
        variables.touchpoint(of_owner=True),
        variables.channel(),
        variables.text("journey", "Journey", "A journey_id. Empty: the highest friction score in the time range."),
    ),
    (_WHOLE, _DRILL_DOWN),
    refresh="1m",
)
