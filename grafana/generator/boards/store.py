"""*Store*: queues, empty shelves and returns."""

from grafana.generator import frictions, variables
from grafana.generator.board import Board, Row
from grafana.generator.counts import counted
from grafana.generator.panel import Panel
from grafana.generator.sources import Sql, at_once, over_time

_WAIT = "touchline_queue_wait_seconds_bucket"
_KINDS = "long_queue|stockout|item_returned|stockout_to_web"

STORE = Board(
    "store",
    "Store",
    "Queues, empty shelves and returns.",
    (variables.touchpoint(),),
    (
        Row(
            "Queues",
            (
                Panel(
                    "stat",
                    "Wait at the till",
                    "Nine in ten customers waited no longer than this in the time range. More than 5 minutes is"
                    " a friction.",
                    (at_once(f"histogram_quantile(0.9, sum by (le) ({counted(_WAIT)}))"),),
                    unit="s",
                    width=6,
                    steps=((None, "green"), (180, "orange"), (300, "red")),
                ),
                Panel(
                    "timeseries",
                    "Wait at the till over the day",
                    "Median and 90th percentile of customers' waits. Open another till when they rise.",
                    (
                        over_time(f"histogram_quantile(0.5, sum by (le) (rate({_WAIT}[$__rate_interval])))", "median"),
                        over_time(
                            f"histogram_quantile(0.9, sum by (le) (rate({_WAIT}[$__rate_interval])))", "90th percentile"
                        ),
                    ),
                    unit="s",
                    width=18,
                    interval="10m",
                    steps=((None, "green"), (300, "red")),
                    lines=True,
                ),
                Panel(
                    "table",
                    "Stores",
                    "Visits, purchases, queues and stockouts by store in the time range. wait: nine in ten customers"
                    " waited no longer; left_the_queue: customers who left without being served.",
                    (
                        Sql("""
SELECT if(JSONExtractString(data, 'store') = '', 'not said', JSONExtractString(data, 'store')) AS store,
    countIf(type = 'store.visit_started') AS visits,
    countIf(type = 'store.purchased') AS purchases,
    if(countIf(type = 'store.queue_left') = 0, NULL,
        round(quantileIf(0.9)(JSONExtractFloat(data, 'wait_seconds'), type = 'store.queue_left'))) AS wait,
    countIf(type = 'store.queue_left' AND NOT JSONExtractBool(data, 'served')) AS left_the_queue,
    countIf(type = 'store.item_unavailable') AS stockouts
FROM touchpoints WHERE source = 'store' AND NOT probe AND $__timeFilter(time)
GROUP BY store ORDER BY visits DESC
"""),
                    ),
                    width=24,
                    columns={"wait": {"unit": "s"}},
                ),
            ),
        ),
        Row(
            "Shelves and returns",
            (
                frictions.per_hour(
                    "Frictions per hour, by kind",
                    "Long queues, empty shelves and returns. stockout_to_web: the customer bought the item online"
                    " instead, so the sale is not lost.",
                    _KINDS,
                    'touchpoint=~"$touchpoint"',
                    width=12,
                ),
                Panel(
                    "barchart",
                    "Products out of stock",
                    "The 15 products that customers most often asked for in vain in the time range.",
                    (
                        Sql("""
SELECT JSONExtractString(data, 'product_id') AS product, count() AS times
FROM touchpoints WHERE type = 'store.item_unavailable' AND NOT probe AND $__timeFilter(time)
GROUP BY product ORDER BY times DESC LIMIT 15
"""),
                    ),
                    width=12,
                ),
                Panel(
                    "table",
                    "Reasons for returns",
                    "Reasons that customers gave in stores and to couriers in the time range.",
                    (
                        Sql("""
SELECT if(JSONExtractString(data, 'reason') = '', 'not said', JSONExtractString(data, 'reason')) AS reason,
    channel, count() AS returns, uniqExact(customer) AS customers
FROM touchpoints
WHERE type IN ('store.item_returned', 'delivery.return_collected') AND NOT probe AND $__timeFilter(time)
GROUP BY reason, channel ORDER BY returns DESC LIMIT 20
"""),
                    ),
                    width=24,
                ),
            ),
        ),
    ),
)
