"""SQL over the steps of the journeys in the time range.

The view `journeys` sorts the steps of every journey before any filter applies: with millions of touchpoints this takes
more memory than a server allows one query. So panels read the touchpoints of only the journeys that they show.
On a cluster, `GLOBAL` includes the journeys of other shards; elsewhere it changes nothing.
"""

from typing import Final

ENDED: Final = "$__timeFilter(ended_at) AND NOT probe"
"""Over `journey_summaries`: journeys of customers whose last step so far is in the time range."""
OF_JOURNEYS: Final = (
    "(customer, journey_id) GLOBAL IN"
    " (SELECT customer, journey_id FROM journey_summaries WHERE $__timeFilter(ended_at) AND NOT probe)"
)
"""Over `touchpoints`: the steps of these journeys, found by customer, as the table is sorted by it."""
BOUGHT: Final = "type IN ('web.order_placed', 'store.purchased')"
"""Over `touchpoints`: the events that convert a journey, whatever comes after them."""
RETURNED: Final = "type IN ('store.item_returned', 'delivery.return_collected')"


def in_order(column: str) -> str:
    """Over `touchpoints` grouped by journey: a column of the steps, as an array in the order of the steps."""
    return f"arraySort(groupArray((time, event_source, event_id, {column}))).4"
