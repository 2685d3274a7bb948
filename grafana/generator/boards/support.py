"""*Support*: how fast customers are answered, how often they must come back, and why they turn to support."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, over_time

_REPLY = 'touchline_first_reply_seconds_bucket{channel=~"$channel"}'
_KINDS = (
    "slow_first_reply|slow_resolution|bounced|reopened|repeat_contact|abandoned_contact|poor_rating|digital_to_support"
)
_CHOSEN = (
    "$__conditionalAll(owner IN (${owner:singlequote}), $owner)"
    " AND $__conditionalAll(channel IN (${channel:singlequote}), $channel)"
)
_TICKET = "arrayFirst(name -> startsWith(name, 'ticket_id:'), identifiers)"
_TOPIC = (
    "if(anyIf(JSONExtractString(data, 'topic'), type = 'support.ticket_opened') = '', 'not said',"
    " anyIf(JSONExtractString(data, 'topic'), type = 'support.ticket_opened'))"
)
_RESOLVED = "type IN ('support.ticket_resolved', 'support.ticket_closed')"
_TURNS = (
    "sumMapIf([toUnixTimestamp64Milli(time)], [type = 'support.ticket_opened'], [type = 'support.ticket_reopened'],"
    f" [{_RESOLVED}], type IN ('support.ticket_opened', 'support.ticket_reopened') OR {_RESOLVED})"
)
"""Of a ticket's events: the moments at which it was opened, reopened or resolved, and how often each happened then."""
_STATE = (
    "arrayFold((state, moment, opened, reopened, resolved) -> ("
    "resolved = 0 OR (resolved = 1 AND reopened > 0 AND (state.1 OR opened > 0)),"
    " if(resolved > 0 AND (state.1 OR opened > 0 OR reopened > 0), moment, state.2)),"
    f" {_TURNS}.1, {_TURNS}.2, {_TURNS}.3, {_TURNS}.4, (toUInt8(0), toInt64(0)))"
)
"""Of a ticket's events: whether it is unresolved after the last of them, and when it was last resolved.

The time is in milliseconds since the epoch, 0 for never. As for frictions (`pipeline/frictions/ticket.py`), closing
resolves a ticket that is not resolved yet. Of events at the same moment, opening comes before resolving. Reopening
does, too, unless the ticket was unresolved before that moment or opened in it: then it was resolved first. A second
resolution in that moment comes after the reopening.
"""

SUPPORT = Board(
    "support",
    "Support",
    "How fast customers are answered, how often they must come back, and why they turn to support.",
    (variables.owner(), variables.channel()),
    (
        Row(
            "Answers",
            (
                Panel(
                    "bargauge",
                    "First reply, by channel",
                    "In the time range, nine in ten tickets got their first reply within this time. Targets: phone and"
                    " chat 2 min, social 1 h, email 8 h.",
                    (
                        at_once(
                            f"histogram_quantile(0.9, sum by (le, channel) ({counted(_REPLY)})) >= 0",
                            "{{channel}}",
                        ),
                    ),
                    unit="s",
                ),
                Panel(
                    "timeseries",
                    "Median first reply, by channel",
                    "Median time from the opening of a ticket to the first reply, half hour by half hour.",
                    (
                        over_time(
                            f"histogram_quantile(0.5, sum by (le, channel) (rate({_REPLY}[$__rate_interval])))",
                            "{{channel}}",
                        ),
                    ),
                    unit="s",
                    width=16,
                    interval="30m",
                ),
                frictions.per_hour(
                    "Frictions per hour, by kind",
                    "Slow answers, transfers, reopened tickets, repeated and abandoned contacts, poor ratings. If"
                    " repeat_contact and reopened rise, answers did not help.",
                    _KINDS,
                    'owner=~"$owner", channel=~"$channel"',
                    width=16,
                ),
                Panel(
                    "timeseries",
                    "Contacts per hour",
                    "Tickets opened, and calls and chats that customers gave up.",
                    (
                        Sql(
                            """
SELECT $__timeInterval(time) AS since,
    3600 * countIf(type = 'support.ticket_opened') / $__interval_s AS opened,
    3600 * countIf(type = 'support.contact_abandoned') / $__interval_s AS given_up
FROM touchpoints
WHERE type IN ('support.ticket_opened', 'support.contact_abandoned') AND NOT probe AND $__timeFilter(time)
    AND {chosen}
GROUP BY since ORDER BY since
""",
                            chosen=_CHOSEN,
                        ),
                    ),
                    interval="10m",
                    stacked=True,
                ),
            ),
        ),
        Row(
            "Topics and causes",
            (
                Panel(
                    "table",
                    "Topics",
                    "Tickets opened in the time range, as they are now. resolution: median time from opening to the"
                    " last resolution, of those that are resolved; transfers: mean per ticket; reopened: at least"
                    " once.",
                    (
                        Sql(
                            """
SELECT topic, count() AS tickets,
    if(countIf(NOT waits) = 0, NULL, round(quantileIf(0.5)(hours, NOT waits), 1)) AS resolution,
    round(avg(transfers), 2) AS transfers, countIf(came_back) AS reopened, countIf(waits) AS unresolved
FROM
(
    SELECT {ticket} AS ticket, {topic} AS topic, {state} AS state, state.1 AS waits,
        (state.2 - toUnixTimestamp64Milli(minIf(time, type = 'support.ticket_opened'))) / 3600000 AS hours,
        countIf(type = 'support.ticket_transferred') AS transfers,
        countIf(type = 'support.ticket_reopened') > 0 AS came_back
    FROM touchpoints WHERE source = 'support' AND NOT probe AND time >= $__fromTime
    GROUP BY ticket
    HAVING ticket != '' AND countIf(type = 'support.ticket_opened' AND {chosen}) > 0
)
GROUP BY topic ORDER BY tickets DESC LIMIT 20
""",
                            ticket=_TICKET,
                            topic=_TOPIC,
                            state=_STATE,
                            chosen=f"$__timeFilter(time) AND {_CHOSEN}",
                        ),
                    ),
                    width=14,
                    height=9,
                    columns={"resolution": {"unit": "h"}},
                ),
                Panel(
                    "barchart",
                    "Last friction before a contact",
                    "Support contacts in the time range, by the last friction in the same journey within a day before:"
                    " contacts that could have been avoided. Frictions that customer service owns are left out.",
                    (
                        Sql(
                            """
SELECT if(before.kind = '' OR contact.time > before.time + INTERVAL 1 DAY, 'nothing known', before.kind) AS cause,
    count() AS contacts
FROM
(
    SELECT journey_id, event_id, time FROM touchpoints
    WHERE type IN ('support.ticket_opened', 'support.contact_abandoned') AND NOT probe AND $__timeFilter(time)
        AND {chosen}
) AS contact
ASOF LEFT JOIN
(
    SELECT journey_id, time, kind FROM frictions
    WHERE NOT probe AND owner != 'customer_service' AND time >= $__fromTime - INTERVAL 1 DAY
) AS before ON contact.journey_id = before.journey_id AND contact.time >= before.time
GROUP BY cause ORDER BY contacts DESC LIMIT 15
""",
                            chosen=_CHOSEN,
                        ),
                    ),
                    width=10,
                    height=9,
                ),
                Panel(
                    "table",
                    "Waiting longest",
                    "Tickets that are unresolved at the end of the time range, the oldest first. Only those opened in"
                    " the 60 days before it: no journey waits longer for an answer. Click a journey to see it step by"
                    " step.",
                    (
                        Sql(
                            """
SELECT opened, customer, journey, way AS channel, topic
FROM
(
    SELECT minIf(time, type = 'support.ticket_opened') AS opened, any(customer) AS customer, any(journey_id) AS journey,
        anyIf(channel, type = 'support.ticket_opened') AS way, {topic} AS topic
    FROM touchpoints
    WHERE source = 'support' AND NOT probe AND time >= $__toTime - INTERVAL 60 DAY AND time <= $__toTime
    GROUP BY {ticket} AS ticket
    HAVING ticket != '' AND countIf(type = 'support.ticket_opened' AND {chosen}) > 0 AND {state}.1
)
ORDER BY opened LIMIT 25
""",
                            ticket=_TICKET,
                            topic=_TOPIC,
                            state=_STATE,
                            chosen=_CHOSEN,
                        ),
                    ),
                    width=24,
                    columns={
                        "journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "Show this journey")
                    },
                ),
            ),
        ),
    ),
)
