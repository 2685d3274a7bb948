"""*Web and app*: how fast pages are, where they break, where visitors struggle, and who buys."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.panel import Panel
from grafana.generator.sources import Sql, over_time

_LCP = 'touchline_page_lcp_seconds_bucket{touchpoint=~"$touchpoint"}'
_BROKEN = "page_error|error_click|broken_link|server_error|slow_page"
_STRUGGLE = "rage_click|dead_click|looping|form_struggle|fruitless_search|payment_failed|checkout_abandoned"
_CHOSEN = 'touchpoint=~"$touchpoint", channel=~"$channel"'
_ON_CHANNEL = "NOT probe AND $__conditionalAll(channel IN (${channel:singlequote}), $channel)"
"""SQL over `touchpoints`: those of customers on the chosen channels."""
_CUSTOMERS = f"{_ON_CHANNEL} AND $__conditionalAll(touchpoint IN (${{touchpoint:singlequote}}), $touchpoint)"
"""The same at the chosen touchpoints."""

WEB_AND_APP = Board(
    "web-and-app",
    "Web and app",
    "How fast pages are, where they break, where visitors struggle, and who buys.",
    (variables.touchpoint(), variables.channel()),
    (
        Row(
            "Speed and faults",
            (
                Panel(
                    "timeseries",
                    "Largest contentful paint",
                    "Three in four page views showed their main content within this time. Good: up to 2.5 s; poor:"
                    " above 4 s.",
                    (
                        over_time(
                            f"histogram_quantile(0.75, sum by (le, touchpoint) (rate({_LCP}[$__rate_interval])))",
                            "{{touchpoint}}",
                        ),
                    ),
                    unit="s",
                    width=9,
                    interval="10m",
                    steps=((None, "green"), (2.5, "orange"), (4, "red")),
                    lines=True,
                ),
                frictions.per_hour(
                    "Faults per hour",
                    "Errors, dead links and slow pages that visitors met. server_error is the worst: they saw nothing"
                    " else.",
                    _BROKEN,
                    _CHOSEN,
                    width=15,
                ),
                frictions.per_hour(
                    "Struggles per hour",
                    "The page works, but the visitor makes no progress: rage clicks, rejected forms, searches without"
                    " results, failed payments, abandoned checkouts.",
                    _STRUGGLE,
                    _CHOSEN,
                    width=15,
                ),
                Panel(
                    "timeseries",
                    "Burn rate of the payment budget",
                    "1 % of checkouts may meet a failed payment. At 1 this budget lasts exactly 30 days, above 1 less.",
                    (
                        over_time(
                            'objective:touchline_burn:rate1h{objective="checkouts_without_payment_failure"}', "1 h"
                        ),
                        over_time(
                            'objective:touchline_burn:rate6h{objective="checkouts_without_payment_failure"}', "6 h"
                        ),
                    ),
                    width=9,
                    steps=((None, "green"), (1, "orange"), (6, "red")),
                    lines=True,
                    runbook="ObjectiveBurnsFast",
                ),
                Panel(
                    "table",
                    "Pages in trouble",
                    "Pages with errors, dead links or slow loading in the time range, those that hit most customers"
                    " first. customers_hit: customers who met any of these; customers: all who were on the page.",
                    (
                        Sql(
                            """
SELECT url, uniqExactIf(customer, fault != 'none') AS customers_hit, uniqExact(customer) AS customers,
    countIf(fault = 'error') AS errors, countIf(fault = 'server') AS server_errors,
    countIf(fault = 'dead') AS dead_links, countIf(fault = 'slow') AS slow
FROM
(
    SELECT customer, JSONExtractString(data, 'url') AS url, JSONExtractInt(data, 'status') AS status,
        multiIf(type = 'web.error_occurred', 'error', type = 'web.page_viewed' AND status >= 500, 'server',
            type = 'web.page_viewed' AND status >= 400, 'dead',
            type = 'web.page_measured' AND JSONExtractFloat(data, 'lcp_ms') > 4000, 'slow', 'none') AS fault
    FROM touchpoints
    WHERE type IN ('web.error_occurred', 'web.page_viewed', 'web.page_measured') AND {chosen} AND $__timeFilter(time)
)
GROUP BY url
HAVING customers_hit > 0
ORDER BY customers_hit DESC, url LIMIT 25
""",
                            chosen=_CUSTOMERS,
                        ),
                    ),
                    width=24,
                ),
            ),
        ),
        Row(
            "Buying",
            (
                Panel(
                    "stat",
                    "Orders per 100 checkouts",
                    "How many of 100 checkouts started in the time range were followed by an order in the same journey."
                    " The rest were abandoned or are still open.",
                    (
                        Sql(
                            """
SELECT round(100 * countIf(placed.time >= began.time) / count(), 1) AS orders_per_100
FROM
(
    SELECT journey_id, time FROM touchpoints
    WHERE type = 'web.checkout_started' AND {chosen} AND $__timeFilter(time)
) AS began
ASOF LEFT JOIN
(
    SELECT journey_id, time FROM touchpoints WHERE type = 'web.order_placed' AND NOT probe AND time >= $__fromTime
) AS placed ON placed.journey_id = began.journey_id AND placed.time >= began.time
HAVING count() > 0
""",
                            chosen=_ON_CHANNEL,
                        ),
                    ),
                    width=6,
                ),
                Panel(
                    "barchart",
                    "From visit to order",
                    "Customers who took each step in the time range after all steps before it: shows where they drop"
                    " out. Orders without the earlier steps are not counted.",
                    (
                        Sql(
                            """
SELECT ['visited', 'looked at a product', 'filled the cart', 'began the checkout', 'ordered'][place] AS stage,
    countIf(reached >= place) AS customers
FROM
(
    SELECT customer, windowFunnel(31536000000)(toUInt64(toUnixTimestamp64Milli(time)), true,
        type = 'web.product_viewed', type = 'web.cart_updated', type = 'web.checkout_started',
        type = 'web.order_placed') AS reached
    FROM touchpoints WHERE source = 'web' AND {chosen} AND $__timeFilter(time) GROUP BY customer
)
ARRAY JOIN range(1, 6) AS place
GROUP BY place
ORDER BY place
""",
                            chosen=_ON_CHANNEL,
                        ),
                    ),
                    width=9,
                ),
                Panel(
                    "table",
                    "Why payments fail",
                    "Failed payments in the time range by method and error, with amounts by currency.",
                    (
                        Sql(
                            """
SELECT if(JSONExtractString(data, 'method') = '', 'not said', JSONExtractString(data, 'method')) AS method,
    JSONExtractString(data, 'error') AS error, count() AS times,
    uniqExact(customer) AS customers, round(sum(JSONExtractFloat(data, 'amount')), 2) AS amount,
    JSONExtractString(data, 'currency') AS currency
FROM touchpoints WHERE type = 'web.payment_failed' AND {chosen} AND $__timeFilter(time)
GROUP BY method, error, currency ORDER BY times DESC LIMIT 20
""",
                            chosen=_ON_CHANNEL,
                        ),
                    ),
                    width=9,
                ),
            ),
        ),
    ),
)
