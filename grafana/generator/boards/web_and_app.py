"""*Web and app*: how fast pages are, where they break, and who buys."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.panel import Panel
from grafana.generator.sources import Sql, at_once, over_time

_LCP = 'touchline_page_lcp_seconds_bucket{touchpoint=~"$touchpoint"}'
_BROKEN = "page_error|error_click|broken_link|server_error|slow_page"
_STRUGGLE = "rage_click|dead_click|looping|form_struggle|fruitless_search|payment_failed|checkout_abandoned"
_CHOSEN = 'touchpoint=~"$touchpoint", channel=~"$channel"'

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
                    "Three in four page views showed their main content within this. Good: up to 2.5 s; poor:"
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
                    "Errors, dead links, slow pages as visitors met them. server_error is the worst: they saw"
                    " nothing else.",
                    _BROKEN,
                    _CHOSEN,
                    width=15,
                ),
                frictions.per_hour(
                    "Struggles per hour",
                    "The page works, and the visitor does not get on: clicks in rage, forms refused, searches"
                    " without result.",
                    _STRUGGLE,
                    _CHOSEN,
                    width=15,
                ),
                Panel(
                    "timeseries",
                    "Failed payments burn the budget",
                    "1 % of checkouts may meet a failed payment. 1: the budget lasts 30 days.",
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
                    "Pages with errors, dead links or slow paint in the time shown, those that most visitors met"
                    " first.",
                    (
                        Sql("""
SELECT JSONExtractString(data, 'url') AS url, uniqExact(customer) AS visitors,
    countIf(type = 'web.error_occurred') AS errors,
    countIf(type = 'web.page_viewed' AND JSONExtractInt(data, 'status') >= 500) AS server_errors,
    countIf(type = 'web.page_viewed' AND JSONExtractInt(data, 'status') BETWEEN 400 AND 499) AS dead_links,
    countIf(type = 'web.page_measured' AND JSONExtractFloat(data, 'lcp_ms') > 4000) AS slow
FROM touchpoints
WHERE type IN ('web.error_occurred', 'web.page_viewed', 'web.page_measured') AND NOT probe AND $__timeFilter(time)
GROUP BY url
HAVING errors + server_errors + dead_links + slow > 0
ORDER BY visitors DESC LIMIT 25
"""),
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
                    "Of the checkouts started in the time shown. The rest was abandoned, or is still open.",
                    (
                        at_once(
                            '100 * sum(increase(touchline_events_total{type="web.order_placed"}[$__range]))'
                            ' / sum(increase(touchline_events_total{type="web.checkout_started"}[$__range]))'
                        ),
                    ),
                    width=6,
                ),
                Panel(
                    "barchart",
                    "From visit to order",
                    "Customers with an event of the kind in the time shown: where they drop out.",
                    (
                        Sql("""
SELECT stage, customers FROM
(
    SELECT arrayJoin([
        (1, 'visited', uniqExactIf(customer, source = 'web')),
        (2, 'looked at a product', uniqExactIf(customer, type = 'web.product_viewed')),
        (3, 'filled the cart', uniqExactIf(customer, type = 'web.cart_updated')),
        (4, 'began the checkout', uniqExactIf(customer, type = 'web.checkout_started')),
        (5, 'ordered', uniqExactIf(customer, type = 'web.order_placed'))]) AS row,
        row.1 AS place, row.2 AS stage, row.3 AS customers
    FROM touchpoints WHERE NOT probe AND $__timeFilter(time)
)
ORDER BY place
"""),
                    ),
                    width=9,
                ),
                Panel(
                    "table",
                    "Why payments fail",
                    "By method and error, in the time shown.",
                    (
                        Sql("""
SELECT if(JSONExtractString(data, 'method') = '', 'not said', JSONExtractString(data, 'method')) AS method,
    JSONExtractString(data, 'error') AS error, count() AS times,
    uniqExact(customer) AS customers, round(sum(JSONExtractFloat(data, 'amount')), 2) AS amount
FROM touchpoints WHERE type = 'web.payment_failed' AND NOT probe AND $__timeFilter(time)
GROUP BY method, error ORDER BY times DESC LIMIT 20
"""),
                    ),
                    width=9,
                ),
            ),
        ),
    ),
)
