"""SQL over the steps of the journeys of the time shown.

The view `journeys` puts the steps of every journey in order before it chooses among them: over millions of touchpoints
that takes more memory than a server gives one query. So panels read the touchpoints of the journeys they are about.
`GLOBAL`, as on a cluster these are other shards' journeys too; elsewhere it changes nothing.
"""

from typing import Final

ENDED: Final = "$__timeFilter(ended_at) AND NOT probe"
"""Over `journey_summaries`: customers' journeys whose last step so far is in the time shown."""
OF_JOURNEYS: Final = (
    "(customer, journey_id) GLOBAL IN"
    " (SELECT customer, journey_id FROM journey_summaries WHERE $__timeFilter(ended_at) AND NOT probe)"
)
"""Over `touchpoints`: the steps of these journeys, found by customer, as the table is sorted."""
BOUGHT: Final = "type IN ('web.order_placed', 'store.purchased')"
"""Over `touchpoints`: what makes a journey a converted one, whatever comes after it."""
RETURNED: Final = "type IN ('store.item_returned', 'delivery.return_collected')"


def in_order(column: str) -> str:
    """Over `touchpoints` by journey: a column of the steps, as an array in the order of the journey."""
    return f"arraySort(groupArray((time, event_source, event_id, {column}))).4"
