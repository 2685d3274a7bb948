"""*Support*: how fast customers are answered, how often they must come back, and what about."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.panel import Panel, opens
from grafana.generator.sources import Sql, at_once, over_time

_REPLY = "touchline_first_reply_seconds_bucket"
_KINDS = (
    "slow_first_reply|slow_resolution|bounced|reopened|repeat_contact|abandoned_contact|poor_rating|digital_to_support"
)

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
                            "histogram_quantile(0.9, sum by (le, channel)"
                            f' (increase({_REPLY}{{channel=~"$channel"}}[$__range])))',
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
                            "histogram_quantile(0.5, sum by (le, channel)"
                            f' (rate({_REPLY}{{channel=~"$channel"}}[$__rate_interval])))',
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
                        over_time(
                            "3600 * sum by (type) (rate(touchline_events_total"
                            '{type=~"support.ticket_opened|support.contact_abandoned"}[$__rate_interval]))',
                            "{{type}}",
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
                    "What tickets of the time shown were about, how long they took, and how often they were"
                    " passed on or came back.",
                    (
                        Sql("""
SELECT topic, count() AS tickets, round(quantile(0.5)(hours), 1) AS resolution,
    round(avg(transfers), 2) AS transfers, countIf(reopened) AS reopened, countIf(isNull(hours)) AS unresolved
FROM
(
    SELECT arrayFirst(name -> startsWith(name, 'ticket_id:'), identifiers) AS ticket,
        anyIf(JSONExtractString(data, 'topic'), type = 'support.ticket_opened') AS topic,
        minIf(time, type = 'support.ticket_opened') AS opened,
        if(countIf(type = 'support.ticket_resolved') = 0, NULL,
            dateDiff('second', opened, maxIf(time, type = 'support.ticket_resolved')) / 3600) AS hours,
        countIf(type = 'support.ticket_transferred') AS transfers,
        countIf(type = 'support.ticket_reopened') > 0 AS reopened
    FROM touchpoints WHERE source = 'support' AND NOT probe AND ticket != ''
    GROUP BY ticket
    HAVING countIf(type = 'support.ticket_opened' AND $__timeFilter(time)) > 0
)
GROUP BY topic ORDER BY tickets DESC LIMIT 20
"""),
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
                        Sql("""
SELECT if(before.kind = '' OR contact.time > before.time + INTERVAL 1 DAY, 'nothing known', before.kind) AS cause,
    count() AS contacts
FROM
(
    SELECT journey_id, event_id, time FROM touchpoints
    WHERE type IN ('support.ticket_opened', 'support.contact_abandoned') AND NOT probe AND $__timeFilter(time)
) AS contact
ASOF LEFT JOIN
(
    SELECT journey_id, time, kind FROM frictions WHERE NOT probe AND owner != 'customer_service'
) AS before ON contact.journey_id = before.journey_id AND contact.time >= before.time
GROUP BY cause ORDER BY contacts DESC LIMIT 15
"""),
                    ),
                    width=10,
                    height=9,
                ),
                Panel(
                    "table",
                    "Waiting longest",
                    "Tickets without resolution, the oldest first. Click a journey to see it step by step.",
                    (
                        Sql("""
SELECT min(time) AS opened, any(customer) AS customer, any(journey_id) AS journey, any(channel) AS channel,
    anyIf(JSONExtractString(data, 'topic'), type = 'support.ticket_opened') AS topic
FROM touchpoints WHERE source = 'support' AND NOT probe
GROUP BY arrayFirst(name -> startsWith(name, 'ticket_id:'), identifiers) AS ticket
HAVING ticket != '' AND countIf(type = 'support.ticket_opened') > 0
    AND countIf(type IN ('support.ticket_resolved', 'support.ticket_closed')) = 0
ORDER BY opened LIMIT 25
"""),
                    ),
                    width=24,
                    columns={"journey": opens("/d/touchline-journeys?var-journey=${__value.text}", "The journey")},
                ),
            ),
        ),
    ),
)
