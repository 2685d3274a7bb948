"""*Support*: how fast customers are answered, how often they must come back, and what about."""

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
"""Of the events of a ticket: the moments at which it was opened, reopened, or resolved, and how often each."""
_STATE = (
    "arrayFold((state, moment, opened, reopened, resolved) -> ("
    "resolved = 0 OR (resolved = 1 AND reopened > 0 AND (state.1 OR opened > 0)),"
    " if(resolved > 0 AND (state.1 OR opened > 0 OR reopened > 0), moment, state.2)),"
    f" {_TURNS}.1, {_TURNS}.2, {_TURNS}.3, {_TURNS}.4, (toUInt8(0), toInt64(0)))"
)
"""Whether it is unresolved after its last moment, and when what resolved it last did, as milliseconds.

As frictions see it (`pipeline/frictions/ticket.py`): closing resolves a ticket, unless it is resolved. In one moment it
is opened, then resolved; a reopening is before that too, unless the ticket was unresolved, and so was resolved first.
"""

SUPPORT = Board(
    "support",
    "Support",
    "How fast customers are answered, how often they must come back, and what about.",
    (variables.owner(), variables.channel()),
    (
        Row(
            "Answers",
            (
                Panel(
                    "bargauge",
                    "First reply, by channel",
                    "Nine in ten tickets were answered within this, in the time shown. Targets: phone and chat 2 min,"
                    " social 1 h, email 8 h.",
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
                    "First reply over the day",
                    "Half of the tickets of half an hour were answered within this.",
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
                    "Slow, passed on, reopened, repeated, given up. A rise of repeat_contact and reopened means"
                    " that answers"
                    " did not help.",
                    _KINDS,
                    'owner=~"$owner", channel=~"$channel"',
                    width=16,
                ),
                Panel(
                    "timeseries",
                    "Contacts per hour",
                    "Tickets opened, and calls and chats that the customer gave up.",
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
            "What about",
            (
                Panel(
                    "table",
                    "Topics",
                    "What tickets opened in the time shown were about; within which time half of those that are"
                    " resolved were so for good; how often one was passed on; how many came back, and are"
                    " unresolved now.",
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
                    "What customers had been through before",
                    "The last friction before the contact, within a day, in the same journey: calls that need"
                    " not have been.",
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
                    "Tickets without resolution at the end of the time shown, the oldest first: those that were"
                    " opened in the 60 days before it, as long as a journey waits for an answer. Click a journey to see"
                    " it step by step.",
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
                    columns={"journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "The journey")},
                ),
            ),
        ),
    ),
)
