"""*Between channels*: where one department's step undoes another's."""

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
    "Trouble that went on elsewhere",
    (
        Panel(
            "timeseries",
            "Per hour, by kind",
            "digital_to_support: a contact after trouble online. where_is_my_order: a contact about a late or"
            " stalled parcel."
            " stockout_to_web: bought online what the shelf lacked. unresolved_to_review: a bad review about an"
            " open ticket."
            " channel_pingpong: from channel to channel without getting on.",
            (over_time(f"3600 * sum by (kind) (rate({_FRICTIONS}[$__rate_interval]))", "{{kind}}"),),
            interval="10m",
            width=14,
            stacked=True,
        ),
        Panel(
            "bargauge",
            "Who had to deal with it",
            "The department at whose touchpoint it ended, in the time shown. The table below says where it began.",
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
            "What it began with and whose that was, and where it ended, in the time shown, and whose that was. What had"
            " several causes stands with each of them. Mend the first column.",
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
            "After how many of 100 frictions of a kind the customer turned to support within the journey, up to a day"
            " later: what it costs to leave it. Kinds with five or more in the time shown, those of customer service"
            " left out.",
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
            "Neighbouring steps on different channels, of journeys whose last step so far is in the time shown. The"
            " last column: how many of these changes are in journeys with a friction score of 3 or more.",
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
            "Latest",
            "The customers it happened to last. Click a journey to see it step by step.",
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
            columns={
                "journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "The journey, step by step")
            },
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
