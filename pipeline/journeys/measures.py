"""What is measured when events arrive: waits, delays and how fast pages appear."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

import msgspec

from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.shipment import PROMISING_TYPES, shipments
from pipeline.frictions.ticket import CLOSED, OPENED, REPLIED, RESOLVED, tickets

PAGE_LCP = "page_lcp"
QUEUE_WAIT = "queue_wait"
DELIVERY_DELAY = "delivery_delay"
FIRST_REPLY = "first_reply"


class Measure(msgspec.Struct, frozen=True):
    """One measurement, to be counted once."""

    kind: str
    """`page_lcp`, `queue_wait`, `delivery_delay` or `first_reply`."""
    label: str
    """The touchpoint of `page_lcp`, the channel of the others."""
    seconds: float
    """A delivery on time has a delay of 0."""
    about: str
    """The event, shipment or ticket that was measured: the same one, whichever customer it is with."""
    journey_id: str
    """The journey that it was measured in."""


def measures(journey_id: str, steps: Steps, arrived: Collection[Occurrence]) -> list[Measure]:
    """Make the measurements that the arrived events lead to; probes are left out.

    Args:
        journey_id: The journey.
        steps: Its steps.
        arrived: Those of its steps that its customer did not have before.
    """
    found: list[Measure] = []
    asked: dict[_Measuring, None] = {}
    for step in arrived:
        if step.event.probe:
            continue
        if step.type in _SINGLE:
            found.extend(_SINGLE[step.type](step, journey_id))
        elif step.type in _OF_JOURNEYS:
            asked[_OF_JOURNEYS[step.type]] = None
    if asked:
        news = {step.key for step in arrived}
        for measure in asked:
            found.extend(measure(journey_id, steps, news))
    return found


def _page_lcp(step: Occurrence, journey_id: str) -> Iterator[Measure]:
    milliseconds = step.number("lcp_ms")
    if milliseconds is not None:
        yield Measure(PAGE_LCP, step.touchpoint.touchpoint, milliseconds / 1000, step.key.hex(), journey_id)


def _queue_wait(step: Occurrence, journey_id: str) -> Iterator[Measure]:
    seconds = step.number("wait_seconds")
    if seconds is not None:
        yield Measure(QUEUE_WAIT, step.event.channel, seconds, step.key.hex(), journey_id)


def _delivery_delays(journey_id: str, steps: Steps, news: Collection[bytes]) -> Iterator[Measure]:
    """Compare each delivery with its promise, as `late_delivery` does."""
    for shipment in steps.derive(shipments):
        promise, delivered = shipment.promise, shipment.delivered
        if promise is None or delivered is None:
            continue
        if delivered.key in news or promise.step.key in news:
            late_by = max(0, delivered.time - promise.until)
            yield Measure(DELIVERY_DELAY, delivered.event.channel, late_by / 1000, shipment.about, journey_id)


def _first_replies(journey_id: str, steps: Steps, news: Collection[bytes]) -> Iterator[Measure]:
    """Compare each ticket's opening with its first answer, as `slow_first_reply` does."""
    for ticket in steps.derive(tickets):
        opened = ticket.opened
        if opened is None or opened.identifier("ticket_id") is None:
            continue
        answer = next((reply for reply in ticket.replies if reply.time >= opened.time), None)
        if answer is not None and (opened.key in news or answer.key in news):
            seconds = (answer.time - opened.time) / 1000
            yield Measure(FIRST_REPLY, opened.event.channel, seconds, ticket.about, journey_id)


_Measuring = Callable[[str, Steps, Collection[bytes]], Iterator[Measure]]
"""From a journey and the keys of its events that have just arrived: the measurements that are new."""
_SINGLE: Final[dict[str, Callable[[Occurrence, str], Iterator[Measure]]]] = {
    "web.page_measured": _page_lcp,
    "store.queue_left": _queue_wait,
}
_OF_JOURNEYS: Final[dict[str, _Measuring]] = {
    **dict.fromkeys((*PROMISING_TYPES, "delivery.delivered"), _delivery_delays),
    **dict.fromkeys((OPENED, REPLIED, RESOLVED, CLOSED), _first_replies),
}
MEASURED_TYPES: Final = _SINGLE.keys() | _OF_JOURNEYS.keys()
"""Event types that lead to a measurement."""
