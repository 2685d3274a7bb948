"""What is measured when events arrive: waits, delays and how fast pages appear."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.shipment import PROMISING_TYPES, SHIPMENT_TYPES, shipments
from pipeline.frictions.ticket import CLOSED, OPENED, REPLIED, RESOLVED, TICKET_TYPES, tickets

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


class _Journey(msgspec.Struct):
    """The part of a journey that one kind of measure looks at."""

    journey_id: str
    steps: Steps
    arrived: Collection[bytes]

    def is_news(self, *proof: Occurrence) -> bool:
        """Whether one of these steps has just arrived: else it was measured before."""
        return any(step.key in self.arrived for step in proof)


def measures(
    events: Mapping[bytes, Event],
    membership: Mapping[bytes, str],
    arrived: Collection[bytes],
    catalogue: Mapping[str, Touchpoint],
) -> list[Measure]:
    """Measure what the arrived events tell; probes are left out.

    Args:
        events: All events of the customer, by key.
        membership: The journey id of each event key.
        arrived: Keys of the events that the customer did not have before.
        catalogue: Touchpoint of each event type.
    """
    found: list[Measure] = []
    concerned: dict[Callable[[_Journey], Iterator[Measure]], set[str]] = {}
    for key in arrived:
        event = events[key]
        if event.probe or event.type not in _MEASURED:
            continue
        if event.type in _SINGLE:
            found.extend(_SINGLE[event.type](_occurrence(key, event, 0, catalogue), membership[key]))
        else:
            concerned.setdefault(_OF_JOURNEYS[event.type], set()).add(membership[key])
    for measure, journeys in concerned.items():
        for journey_id in journeys:
            steps = _steps(measure, journey_id, events, membership, catalogue)
            found.extend(measure(_Journey(journey_id, steps, arrived)))
    return found


def _steps(
    measure: Callable[[_Journey], Iterator[Measure]],
    journey_id: str,
    events: Mapping[bytes, Event],
    membership: Mapping[bytes, str],
    catalogue: Mapping[str, Touchpoint],
) -> Steps:
    types = _LOOKED_AT[measure]
    items = [(key, events[key]) for key, its in membership.items() if its == journey_id and events[key].type in types]
    items.sort(key=lambda item: (item[1].time, item[1].source, item[1].id, item[1].identifiers[0]))
    return Steps([_occurrence(key, event, place, catalogue) for place, (key, event) in enumerate(items)])


def _occurrence(key: bytes, event: Event, position: int, catalogue: Mapping[str, Touchpoint]) -> Occurrence:
    touchpoint = catalogue.get(event.type) or Touchpoint(event.type, "other", "use", "", "web", "unassigned")
    return Occurrence(event, key, touchpoint, event.time, event.type, position, 0)


def _page_lcp(step: Occurrence, journey_id: str) -> Iterator[Measure]:
    milliseconds = step.number("lcp_ms")
    if milliseconds is not None:
        yield Measure(PAGE_LCP, step.touchpoint.touchpoint, milliseconds / 1000, step.key.hex(), journey_id)


def _queue_wait(step: Occurrence, journey_id: str) -> Iterator[Measure]:
    seconds = step.number("wait_seconds")
    if seconds is not None:
        yield Measure(QUEUE_WAIT, step.event.channel, seconds, step.key.hex(), journey_id)


def _delivery_delays(journey: _Journey) -> Iterator[Measure]:
    """Compare each delivery with its promise, as `late_delivery` does."""
    for shipment in journey.steps.derive(shipments):
        promise, delivered = shipment.promise, shipment.delivered
        if promise is not None and delivered is not None and journey.is_news(delivered, promise.step):
            late_by = max(0, delivered.time - promise.until)
            yield Measure(DELIVERY_DELAY, delivered.event.channel, late_by / 1000, shipment.about, journey.journey_id)


def _first_replies(journey: _Journey) -> Iterator[Measure]:
    """Compare each ticket's opening with its first answer, as `slow_first_reply` does."""
    for ticket in journey.steps.derive(tickets):
        opened = ticket.opened
        if opened is None or opened.identifier("ticket_id") is None:
            continue
        answer = next((reply for reply in ticket.replies if reply.time >= opened.time), None)
        if answer is not None and journey.is_news(opened, answer):
            seconds = (answer.time - opened.time) / 1000
            yield Measure(FIRST_REPLY, opened.event.channel, seconds, ticket.about, journey.journey_id)


_Measuring = Callable[[_Journey], Iterator[Measure]]
_SINGLE: Final[dict[str, Callable[[Occurrence, str], Iterator[Measure]]]] = {
    "web.page_measured": _page_lcp,
    "store.queue_left": _queue_wait,
}
_OF_JOURNEYS: Final[dict[str, _Measuring]] = {
    **dict.fromkeys((*PROMISING_TYPES, "delivery.delivered"), _delivery_delays),
    **dict.fromkeys((OPENED, REPLIED, RESOLVED, CLOSED), _first_replies),
}
_LOOKED_AT: Final[dict[_Measuring, frozenset[str]]] = {
    _delivery_delays: frozenset(SHIPMENT_TYPES),
    _first_replies: frozenset(TICKET_TYPES),
}
_MEASURED: Final = frozenset({*_SINGLE, *_OF_JOURNEYS})
