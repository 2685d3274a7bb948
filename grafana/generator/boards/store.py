"""*Store*: queues, empty shelves and what is brought back."""

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
    "Queues, empty shelves and what is brought back.",
    (variables.touchpoint(),),
    (
        Row(
            "Queues",
            (
                Panel(
                    "stat",
                    "Wait at the till",
                    "Nine in ten customers waited no longer than this, in the time shown. More than 5 minutes is"
                    " a friction.",
                    (at_once(f"histogram_quantile(0.9, sum by (le) ({counted(_WAIT)}))"),),
                    unit="s",
                    width=6,
                    steps=((None, "green"), (180, "orange"), (300, "red")),
                ),
                Panel(
                    "timeseries",
                    "Wait at the till over the day",
                    "Half, and nine in ten, of the customers waited no longer than this. When it rises: open a till.",
                    (
                        over_time(f"histogram_quantile(0.5, sum by (le) (rate({_WAIT}[$__rate_interval])))", "half"),
                        over_time(
                            f"histogram_quantile(0.9, sum by (le) (rate({_WAIT}[$__rate_interval])))", "nine in ten"
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
                    "By store, in the time shown. Nine in ten customers waited no longer than wait says.",
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
                    "Long queues, empty shelves, returns; stockout_to_web was bought online instead: annoying,"
                    " and not lost.",
                    _KINDS,
                    'touchpoint=~"$touchpoint"',
                    width=12,
                ),
                Panel(
                    "barchart",
                    "What was not on the shelf",
                    "Products that customers asked for in vain, in the time shown.",
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
                    "Why things come back",
                    "Reasons given in stores and to couriers, in the time shown.",
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
