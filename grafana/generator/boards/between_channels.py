"""*Between channels*: where trouble at one department's touchpoint causes work at another's."""

from grafana.generator import variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, over_time
from grafana.generator.steps import ENDED, OF_JOURNEYS, in_order

CROSS = "digital_to_support|where_is_my_order|stockout_to_web|unresolved_to_review|channel_pingpong"
_KINDS = ", ".join(f"'{kind}'" for kind in CROSS.split("|"))
_FILTER = f'kind=~"{CROSS}", probe="0", owner=~"$owner"'
_FRICTIONS = f"touchline_frictions_total{{{_FILTER}}}"
_OWNED = "$__conditionalAll(owner IN (${owner:singlequote}), $owner)"
_CHOSEN = f"kind IN ({_KINDS}) AND NOT probe AND {_OWNED}"

_FLOW = Row(
    "Cross-channel frictions",
    (
        Panel(
            "timeseries",
            "Cross-channel frictions per hour, by kind",
            "digital_to_support: a support contact after trouble online. where_is_my_order: a contact about a late or"
            " stalled parcel. stockout_to_web: an item bought online because the store was out of it."
            " unresolved_to_review: a bad review while a ticket is unresolved. channel_pingpong: repeated changes of"
            " channel without progress.",
            (over_time(f"3600 * sum by (kind) (rate({_FRICTIONS}[$__rate_interval]))", "{{kind}}"),),
            interval="10m",
            width=14,
            stacked=True,
        ),
        Panel(
            "bargauge",
            "Cross-channel frictions by owner",
            "Cross-channel frictions in the time range, by the department at whose touchpoint they ended and which has"
            " to deal with them. The table below shows where they began.",
            (
                at_once(
                    f"sort_desc(round(sum by (owner) ({counted(_FRICTIONS)})))",
                    "{{owner}}",
                ),
            ),
            width=10,
        ),
        Panel(
            "table",
            "Cause → effect",
            "Cross-channel frictions in the time range, with the friction or event that caused them and the owners of"
            " both. A friction with several causes is counted in the row of each. Fix what is in the first column.",
            (
                Sql(
                    """
SELECT
    multiIf(began.kind != '', began.kind, happened.type != '', happened.type, 'no single one') AS cause,
    if(began.kind != '', began.owner, happened.owner) AS cause_owner,
    effect.kind AS effect,
    effect.owner AS effect_owner,
    uniqExact(effect.friction_id) AS times,
    uniqExact(effect.customer) AS customers
FROM
(
    SELECT friction_id, kind, owner, customer, journey_id, arrayJoin(emptyArrayToSingle(cause)) AS cause_id
    FROM frictions WHERE {chosen}
) AS effect
LEFT JOIN
(
    SELECT friction_id, kind, owner FROM frictions
    WHERE (customer, journey_id) GLOBAL IN (SELECT customer, journey_id FROM frictions WHERE {chosen})
) AS began ON began.friction_id = effect.cause_id
LEFT JOIN
(
    SELECT journey_id, event_id, type, owner FROM touchpoints
    WHERE (customer, journey_id) GLOBAL IN (SELECT customer, journey_id FROM frictions WHERE {chosen})
) AS happened ON happened.journey_id = effect.journey_id AND happened.event_id = effect.cause_id
GROUP BY cause, cause_owner, effect, effect_owner
ORDER BY times DESC
""",
                    chosen=f"$__timeFilter(time) AND {_CHOSEN}",
                ),
            ),
            width=14,
            height=10,
        ),
        Panel(
            "barchart",
            "Contacts per 100 frictions, by cause",
            "How many of 100 frictions of a kind were followed by a support contact in the same journey within a day:"
            " what it costs to leave them unfixed. Only kinds with five or more in the time range, without frictions"
            " that customer service owns.",
            (
                Sql(
                    """
SELECT kind AS cause, round(100 * countIf(arrayExists(
    contact -> contact > met_at AND contact < met_at + INTERVAL 1 DAY, contacts)) / count(), 1) AS contacts_per_100
FROM
(
    SELECT kind, time AS met_at, journey_id FROM frictions WHERE {chosen}
) AS met
LEFT JOIN
(
    SELECT journey_id, groupArray(time) AS contacts FROM touchpoints
    WHERE type IN ('support.ticket_opened', 'support.contact_abandoned') AND time >= $__fromTime
        AND (customer, journey_id) GLOBAL IN (SELECT customer, journey_id FROM frictions WHERE {chosen})
    GROUP BY journey_id
) AS turned USING (journey_id)
GROUP BY kind
HAVING count() >= 5 AND contacts_per_100 > 0
ORDER BY contacts_per_100 DESC
LIMIT 15
""",
                    chosen=f"$__timeFilter(time) AND NOT probe AND owner != 'customer_service' AND {_OWNED}",
                ),
            ),
            width=10,
            height=10,
        ),
    ),
)

_CHANNELS = Row(
    "Changes of channel",
    (
        Panel(
            "table",
            "From channel to channel",
            "How often a step was followed by one on another channel, in journeys whose last step so far is in the time"
            " range. The last column counts the changes in journeys with a friction score of 3 or more.",
            (
                Sql(
                    """
SELECT step.1 AS from_channel, step.2 AS to_channel, count() AS times, uniqExact(journey_id) AS journeys,
    countIf(friction_score >= 3) AS in_journeys_with_friction
FROM
(
    SELECT journey_id, {channels} AS passed,
        arrayJoin(arrayZip(arrayPopBack(passed), arrayPopFront(passed))) AS step
    FROM touchpoints WHERE {steps} GROUP BY journey_id
) AS taken
ANY LEFT JOIN
(
    SELECT journey_id, friction_score FROM journey_summaries WHERE {ended}
) AS journeys USING (journey_id)
WHERE from_channel != to_channel
GROUP BY from_channel, to_channel
ORDER BY times DESC
LIMIT 30
""",
                    channels=in_order("channel"),
                    steps=OF_JOURNEYS,
                    ended=ENDED,
                ),
            ),
            width=12,
            height=10,
        ),
        Panel(
            "table",
            "Latest cross-channel frictions",
            "The latest 50 in the time range, with their customers. Click a journey to see it step by step.",
            (
                Sql(
                    """
SELECT time, kind, owner, journey_id AS journey, customer
FROM frictions WHERE $__timeFilter(time) AND {chosen} ORDER BY time DESC LIMIT 50
""",
                    chosen=_CHOSEN,
                ),
            ),
            width=12,
            height=10,
            columns={"journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "Show this journey")},
        ),
    ),
)

BETWEEN_CHANNELS = Board(
    "between-channels",
    "Between channels",
    "Where trouble at one touchpoint becomes work and anger at another: frictions that no single department sees.",
    (variables.owner(),),
    (_FLOW, _CHANNELS),
)
