"""*Journeys*: how far customers get, by which paths, and one journey step by step."""

from grafana.generator import variables
from grafana.generator.board import Board, Row
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once
from grafana.generator.variables import CHOSEN

_JOURNEY = opens("/d/touchline-journeys?var-journey=${__value.text}", "This journey")

_WHOLE = Row(
    "All journeys",
    (
        Panel(
            "barchart",
            "How far they get",
            "Journeys that reached a stage or went further, of those with a step in the time shown.",
            (
                Sql("""
WITH ['discover', 'evaluate', 'buy', 'receive', 'use', 'support', 'advocate'] AS stages
SELECT stage, countIf(indexOf(stages, furthest_stage) >= place) AS journeys
FROM journey_summaries
ARRAY JOIN stages AS stage, arrayEnumerate(stages) AS place
WHERE $__timeFilter(ended_at) AND NOT probe
GROUP BY stage, place
ORDER BY place
"""),
            ),
            width=8,
        ),
        Panel(
            "barchart",
            "What became of them",
            "Outcomes of journeys with a step in the time shown. Browsing: nothing else; unresolved: a ticket is open.",
            (
                Sql("""
SELECT outcome, count() AS journeys
FROM journey_summaries WHERE $__timeFilter(ended_at) AND NOT probe GROUP BY outcome ORDER BY journeys DESC
"""),
            ),
            width=8,
        ),
        Panel(
            "bargauge",
            "Closed, by outcome",
            "Journeys that came to their end in the time shown, two weeks or longer after their last step.",
            (
                at_once(
                    "sort_desc(round(sum by (outcome) (increase(touchline_journeys_total[$__range]))))", "{{outcome}}"
                ),
            ),
            width=8,
        ),
        Panel(
            "bargauge",
            "Open, by furthest stage",
            "Journeys that are under way now.",
            (at_once("sort_desc(max by (stage) (touchline_open_journeys))", "{{stage}}"),),
            width=8,
        ),
        Panel(
            "bargauge",
            "From stage to stage",
            "Half of the journeys that closed in the time shown took no longer than this from the first touch of"
            " a stage to the"
            " first of the next.",
            (
                at_once(
                    "histogram_quantile(0.5, sum by (le, from_stage, to_stage)"
                    " (increase(touchline_stage_seconds_bucket[$__range])))",
                    "{{from_stage}} → {{to_stage}}",
                ),
            ),
            unit="s",
            width=8,
        ),
        Panel(
            "table",
            "Time between stages",
            "The same for all journeys with a step in the time shown, open ones included, from the steps themselves.",
            (
                Sql("""
SELECT pair.1 AS from_stage, pair.2 AS to_stage, count() AS journeys,
    round(quantile(0.5)(pair.3)) AS half, round(quantile(0.9)(pair.3)) AS nine_in_ten
FROM
(
    SELECT arrayDistinct(step_stage) AS stages,
        arrayMap(stage -> step_time[indexOf(step_stage, stage)], stages) AS firsts,
        arrayJoin(arrayMap(
            place -> (stages[place], stages[place + 1],
                dateDiff('millisecond', firsts[place], firsts[place + 1]) / 1000),
            range(1, length(stages)))) AS pair
    FROM journeys WHERE $__timeFilter(ended_at) AND NOT probe
)
GROUP BY from_stage, to_stage
ORDER BY journeys DESC
LIMIT 20
"""),
            ),
            width=8,
            columns={"half": {"unit": "s"}, "nine_in_ten": {"unit": "s"}},
        ),
        Panel(
            "table",
            "Paths",
            "The most frequent sequences of touchpoints, repetitions left out, with what they lead to.",
            (
                Sql("""
SELECT arrayStringConcat(arraySlice(arrayCompact(step_touchpoint), 1, 6), ' → ') AS path, count() AS journeys,
    round(100 * countIf(outcome IN ('converted', 'advocated')) / journeys, 1) AS converted_per_100,
    round(avg(friction_score), 1) AS friction_score
FROM journeys WHERE $__timeFilter(ended_at) AND NOT probe AND events > 1
GROUP BY path ORDER BY journeys DESC LIMIT 25
"""),
            ),
            width=12,
            height=10,
        ),
        Panel(
            "table",
            "Friction and what becomes of the journey",
            "Journeys by the severity of what they met: what friction does to buying, returning and the order value.",
            (
                Sql("""
SELECT
    multiIf(friction_score = 0, 'none', friction_score < 3, 'slight', friction_score < 8, 'some', 'much') AS friction,
    count() AS journeys,
    round(100 * countIf(outcome IN ('converted', 'advocated')) / journeys, 1) AS converted_per_100,
    round(100 * countIf(outcome = 'returned') / journeys, 1) AS returned_per_100,
    round(avg(order_value), 2) AS order_value
FROM journeys WHERE $__timeFilter(ended_at) AND NOT probe AND events > 1
GROUP BY friction ORDER BY min(friction_score)
"""),
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
            "Choose owner, touchpoint and channel above, then click a journey.",
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
            "The journey chosen at the left or typed in above; without one, the worst of the time shown."
            " Frictions stand beside"
            " the steps that prove them.",
            (
                Sql("""
SELECT step.time AS at, step.type AS type, step.touchpoint AS touchpoint, step.stage AS stage, step.channel AS channel,
    arrayStringConcat(arraySort(groupUniqArrayIf(met.kind, met.kind != '')), ', ') AS friction
FROM
(
    SELECT journey_id, event_id, time, type, touchpoint, stage, channel FROM touchpoints
    WHERE journey_id = if(${journey:sqlstring} != '', ${journey:sqlstring},
        (SELECT argMax(journey_id, friction_score) FROM journey_summaries WHERE $__timeFilter(ended_at) AND NOT probe))
) AS step
LEFT JOIN
(
    SELECT journey_id, kind, arrayJoin(evidence) AS event_id FROM frictions
) AS met ON met.journey_id = step.journey_id AND met.event_id = step.event_id
GROUP BY step.event_id, at, type, touchpoint, stage, channel
ORDER BY at
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
        variables.text("journey", "Journey", "A journey_id; empty: the worst journey of the time shown."),
    ),
    (_WHOLE, _DRILL_DOWN),
    refresh="1m",
)
