"""One customer's events as journeys, kept up to date while events come in order and the clock moves on."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.occurrence import Occurrence
from pipeline.journeys.breaks import journeys_of, transactions
from pipeline.journeys.growing import GrowingJourney, Grown
from pipeline.journeys.rules import Rules

Keyed = tuple[bytes, Event]
"""An event with its key."""


def in_order(events: Mapping[bytes, Event]) -> list[Keyed]:
    """Events in order of `(time, source, id)`; the address makes it an order where copies went apart."""
    return sorted(events.items(), key=_place)


def _place(item: Keyed) -> tuple[int, str, str, str]:
    event = item[1]
    return event.time, event.source, event.id, event.identifiers[0]


class _Track:
    """The journeys of the probes, or of all other events, in order."""

    __slots__ = ("_customer", "_earlier", "_last", "_recent", "_rules", "journeys")

    def __init__(self, customer: str, ordered: Sequence[Keyed], catalogue: Mapping[str, Touchpoint], rules: Rules):
        self.journeys: list[GrowingJourney] = []
        self._customer = customer
        self._rules = rules
        self._earlier: set[str] = set()
        """The transactions of all journeys but the last."""
        self._recent: set[str] = set()
        """The transactions of the last journey."""
        self._last = _place(ordered[0])
        for start, end in journeys_of([event for _, event in ordered], rules.journeys):
            own = {name for _, event in ordered[start:end] for name in transactions(event, rules.journeys)}
            self._begin(ordered[start:end], own, catalogue)
            self._last = _place(ordered[end - 1])

    def append(self, ordered: Sequence[Keyed], catalogue: Mapping[str, Touchpoint]) -> bool:
        """Add events that come after all others; False if they do not, or tie journeys together.

        After False the track is of no use any more.
        """
        if _place(ordered[0]) <= self._last:
            return False
        gap = self._rules.journeys.journey_gap_ms
        together: list[Keyed] = []
        for item in ordered:
            own = transactions(item[1], self._rules.journeys)
            if not self._earlier.isdisjoint(own):
                return False
            if item[1].time - self._last[0] > gap and self._recent.isdisjoint(own):
                self._extend(together, catalogue)
                together = []
                self._begin([item], set(own), catalogue)
            else:
                together.append(item)
                self._recent.update(own)
            self._last = _place(item)
        self._extend(together, catalogue)
        return True

    def _begin(self, ordered: Sequence[Keyed], own: set[str], catalogue: Mapping[str, Touchpoint]) -> None:
        """Begin a journey with events and their transactions."""
        self._earlier |= self._recent
        self._recent = own
        first = _occurrence(ordered[0], catalogue, 0, 0)
        self.journeys.append(GrowingJourney(self._customer, first, self._rules))
        self._extend(ordered, catalogue)

    def _extend(self, ordered: Sequence[Keyed], catalogue: Mapping[str, Touchpoint]) -> None:
        if not ordered:
            return
        journey = self.journeys[-1]
        steps = journey.steps.all
        gap = self._rules.journeys.session_gap_ms
        session, before = (steps[-1].session, steps[-1].time) if steps else (0, ordered[0][1].time)
        occurrences = []
        for position, item in enumerate(ordered, len(steps)):
            time = item[1].time
            if time - before > gap:
                session += 1
            before = time
            occurrences.append(_occurrence(item, catalogue, position, session))
        journey.append(occurrences)


class History:
    """A customer's journeys. It holds as long as events come in order and none leaves; then it must be made anew."""

    __slots__ = ("_catalogue", "_customer", "_rules", "_tracks")

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
        self._tracks: dict[bool, _Track] = {}
        self.append(events)

    @property
    def journeys(self) -> Iterable[GrowingJourney]:
        """The journeys in order of their first steps, those of probes after the others."""
        for probe in sorted(self._tracks):
            yield from self._tracks[probe].journeys

    @property
    def wake_at(self) -> int | None:
        """The next moment at which a look may find something else with the clock alone; None: never."""
        moments = [journey.wake_at for journey in self.journeys if journey.wake_at is not None]
        return min(moments, default=None)

    def append(self, events: Mapping[bytes, Event]) -> bool:
        """Add events that are not there yet; False if they do not come after all others, or tie journeys together.

        After False the history is of no use any more.
        """
        ordered = in_order(events)
        for probe in (False, True):
            own = [item for item in ordered if item[1].probe == probe]
            if not own:
                continue
            track = self._tracks.get(probe)
            if track is None:
                self._tracks[probe] = _Track(self._customer, own, self._catalogue, self._rules)
            elif not track.append(own, self._catalogue):
                return False
        return True

    def look(self, now: int) -> list[Grown]:
        """The journeys that have new steps, or that the clock may have changed, brought up to date.

        Args:
            now: Milliseconds since the epoch.
        """
        return [journey.look(now) for journey in self.journeys if journey.is_due(now)]


def _occurrence(item: Keyed, catalogue: Mapping[str, Touchpoint], position: int, session: int) -> Occurrence:
    key, event = item
    touchpoint = catalogue.get(event.type) or _fallback(event.type)
    return Occurrence(event, key, touchpoint, event.time, event.type, position, session)


def _fallback(name: str) -> Touchpoint:
    return Touchpoint(type=name, touchpoint="other", stage="use", moment="", channel="web", owner="unassigned")
