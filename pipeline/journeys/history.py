"""One customer's events as journeys, kept up to date while events come in and the clock moves on."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from pipeline.catalogue.touchpoint import Touchpoint, uncatalogued
from pipeline.events.event import Event
from pipeline.frictions.occurrence import Occurrence
from pipeline.journeys.breaks import journeys_of, transactions
from pipeline.journeys.growing import GrowingJourney, Grown
from pipeline.journeys.rules import Rules

_time: Final = attrgetter("time")


def _place(step: Occurrence) -> tuple[int, str, str, str]:
    """The sort key: time, source and id; the address makes it unique where events share these."""
    event = step.event
    return event.time, event.source, event.id, event.identifiers[0]


def _sort(steps: list[Occurrence]) -> None:
    """Sort by place. If all times differ, they are enough, and cheaper to read."""
    steps.sort(key=_time)
    if len({step.time for step in steps}) < len(steps):
        steps.sort(key=_place)


class _Track:
    """The journeys of the probes, or of all other events, in order."""

    __slots__ = ("_customer", "_earlier", "_rules", "journeys")

    def __init__(self, customer: str, rules: Rules) -> None:
        self.journeys: list[GrowingJourney] = []
        self._customer = customer
        self._rules = rules
        self._earlier: frozenset[str] = frozenset()
        """The transactions of all journeys but the last."""

    def add(self, new: Sequence[Occurrence]) -> bool:
        """Add steps, in order; False if they begin before the last journey does, or tie it to an earlier one.

        After False, discard the track.
        """
        policy = self._rules.journeys
        if not self.journeys:
            self._begin(journeys_of(new, policy))
            return True
        last = self.journeys[-1]
        steps, place = last.steps.all, _place(new[0])
        if place <= _place(steps[0]):
            return False
        if self._earlier and not all(self._earlier.isdisjoint(step.event.identifiers) for step in new):
            return False
        if place < _place(steps[-1]):
            new = sorted([*last.cut(bisect_left(steps, place, key=_place)), *new], key=_place)
        if new[-1].time - steps[-1].time <= policy.journey_gap_ms:
            last.append(new)
            return True
        own, *following = journeys_of([*steps, *new], policy)
        last.append(own[len(steps) :])
        self._begin(following)
        return True

    def _begin(self, journeys: Iterable[Sequence[Occurrence]]) -> None:
        for steps in journeys:
            if self.journeys:
                self._earlier |= transactions(self.journeys[-1].steps.all, self._rules.journeys)
            journey = GrowingJourney(self._customer, steps[0], self._rules)
            journey.append(steps)
            self.journeys.append(journey)


class History:
    """A customer's journeys. It grows by events that belong to the last journey, or come after it.

    When any other event comes, or one leaves, it must be made anew.
    """

    __slots__ = ("_catalogue", "_customer", "_others", "_probes", "_rules")

    def __init__(
        self, customer: str, events: Mapping[bytes, Event], catalogue: Mapping[str, Touchpoint], rules: Rules
    ) -> None:
        """Sort events into journeys.

        Args:
            customer: As `namespace:value`.
            events: All events of the customer by their keys, without copies.
            catalogue: Touchpoints by event type; a type that is no longer in it is folded as `other`.
            rules: Policies and detectors.
        """
        self._customer = customer
        self._catalogue = catalogue
        self._rules = rules
        self._others = _Track(customer, rules)
        self._probes: _Track | None = None
        """Few customers have any."""
        self.append(events)

    @property
    def journeys(self) -> Sequence[GrowingJourney]:
        """The journeys in order of their first steps, those of probes after the others."""
        others = self._others.journeys
        return others if self._probes is None else [*others, *self._probes.journeys]

    @property
    def wake_at(self) -> int | None:
        """The next moment at which the clock alone may change what `look` finds; None: never."""
        return min([journey.wake_at for journey in self.journeys if journey.wake_at is not None], default=None)

    def append(self, events: Mapping[bytes, Event]) -> bool:
        """Add events that are not there yet; False if they may change more than the end of the last journey.

        After False, discard the history.
        """
        known = self._catalogue
        steps = [
            Occurrence(
                event, key, touchpoint := known.get(event.type) or uncatalogued(event.type), event.time, touchpoint.type
            )
            for key, event in events.items()
        ]
        if len(steps) > 1:
            _sort(steps)
        probes = [step for step in steps if step.event.probe]
        others = [step for step in steps if not step.event.probe] if probes else steps
        return (not others or self._others.add(others)) and (not probes or self._add_probes(probes))

    def _add_probes(self, new: Sequence[Occurrence]) -> bool:
        if self._probes is None:
            self._probes = _Track(self._customer, self._rules)
        return self._probes.add(new)

    def look(self, now: int) -> list[Grown]:
        """The journeys that have new steps, or that the clock may have changed, brought up to date.

        Args:
            now: Milliseconds since the epoch.
        """
        return [journey.look(now) for journey in self.journeys if journey.is_due(now)]
