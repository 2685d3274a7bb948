"""A customer's events folded into journeys and frictions: a pure function of the set of events and the clock."""

from collections.abc import Iterable, Mapping

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.journeys.history import History
from pipeline.journeys.journey import Journey
from pipeline.journeys.rules import Rules


class Folded(msgspec.Struct):
    """The result of folding a customer's events at one moment."""

    journeys: list[Journey] = msgspec.field(default_factory=list)
    """In order of their first steps, those of probes after the others."""
    frictions: list[Friction] = msgspec.field(default_factory=list)
    """By journey, in order of time."""
    steps: dict[str, list[bytes]] = msgspec.field(default_factory=dict)
    """The keys of each journey's events in order, by journey id."""
    wake_at: int | None = None
    """The next moment at which the result may change with the clock alone, later than `now`; None: never."""

    @property
    def membership(self) -> dict[bytes, str]:
        """The journey id of each event key."""
        return {key: journey_id for journey_id, keys in self.steps.items() for key in keys}


def fold(customer: str, events: Iterable[Event], now: int, catalogue: Mapping[str, Touchpoint], rules: Rules) -> Folded:
    """Fold a customer's events.

    The result depends on the set of events and on `now`, not on their order; of copies of one event the one with the
    smallest precedence counts. From `now` until `wake_at` it stays the same. A `History` that grew gives the same.

    Args:
        customer: As `namespace:value`.
        events: All events of the customer.
        now: The clock: milliseconds since the epoch, UTC.
        catalogue: Touchpoints by event type; a type that is no longer in it is folded as `other`.
        rules: Policies and detectors.
    """
    by_key: dict[bytes, Event] = {}
    for event in events:
        key = event.key
        known = by_key.get(key)
        if known is None or event.precedence < known.precedence:
            by_key[key] = event
    history = History(customer, by_key, catalogue, rules)
    folded = Folded()
    for grown in history.look(now):
        folded.journeys.append(grown.journey)
        folded.frictions += sorted(grown.frictions, key=lambda one: (one.time, one.kind, one.friction_id))
        folded.steps[grown.journey.journey_id] = [step.key for step in grown.steps.all]
    folded.wake_at = history.wake_at
    return folded
