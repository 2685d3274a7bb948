"""The open journeys of all customers, and the order value that is at risk in them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors

_OPEN: Final = """
SELECT furthest_stage, count() FROM journey_summaries WHERE status = 'open' AND NOT probe GROUP BY furthest_stage
"""
# Each journey's value counts once: at the touchpoint of its worst friction, the latest of several, or of its last step.
# Rows from before migration 10 have it in one currency only.
_AT_RISK: Final = """
SELECT if(worst.touchpoint = '', journeys.last_touchpoint, worst.touchpoint) AS touchpoint, value.1, sum(value.2)
FROM
(
    SELECT customer, journey_id, last_touchpoint,
        arrayJoin(
            if(empty(at_risk_amount), [(currency, value_at_risk)], arrayZip(at_risk_currency, at_risk_amount))
        ) AS value
    FROM journey_summaries
    WHERE status = 'open' AND NOT probe AND (value_at_risk > 0 OR notEmpty(at_risk_amount))
) AS journeys
LEFT JOIN
(
    SELECT customer, journey_id, argMax(touchpoint, (severity, time)) AS touchpoint
    FROM frictions
    WHERE NOT probe AND (severity = 3 OR kind = 'checkout_abandoned')
    GROUP BY customer, journey_id
) AS worst USING (customer, journey_id)
GROUP BY touchpoint, value.1
"""


class Standing(NamedTuple):
    """Open journeys and order value at risk at one moment, probes excluded."""

    open_journeys: Mapping[str, int]
    """By furthest stage."""
    at_risk: Mapping[tuple[str, str], float]
    """Order value by touchpoint and currency."""


def standing(client: Client) -> Standing:
    """Query the current numbers; reads all open journeys.

    Raises:
        StoreUnavailableError: Try again later.
    """
    with store_errors():
        stages = client.query(_OPEN).result_rows
        values = client.query(_AT_RISK).result_rows
    return Standing(
        {str(stage): int(count) for stage, count in stages},
        {(str(touchpoint), str(currency)): float(value) for touchpoint, currency, value in values},
    )
