"""Check the tables after events were sent: each is stored once, with the customer that an offline computation finds."""

from collections import Counter
from collections.abc import Sequence

from tests.end_to_end.events import Event
from tests.offline import accept, stitch
from tests.servers.stack import StackProcess

SECRET = "the key of these tests"
"""The key that the offline computation uses for pseudonyms."""


def assert_each_stored_once(stack: StackProcess, events: Sequence[Event], now: int) -> None:
    """Check that none is lost or doubled in touchpoints and journeys; the stack's secret must be `SECRET`."""
    stitched = stitch(accept(events, now, SECRET.encode()))
    customer_of = {event.id: customer for customer, held in stitched.items() for event in held}
    assert len(customer_of) == len(events)
    touchpoints = stack.rows("SELECT event_id, customer FROM touchpoints")
    assert Counter(touchpoints) == Counter(customer_of.items())
    steps = stack.rows("SELECT arrayJoin(step_event_id), customer FROM journeys")
    assert Counter(steps) == Counter(customer_of.items())
