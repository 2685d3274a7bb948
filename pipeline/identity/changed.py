"""Which part of a timeline of owners has changed."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from pipeline.identity.owners import OwnerPeriod

Timeline = Sequence[OwnerPeriod]


class Stretch(NamedTuple):
    """A stretch of time."""

    since: int | None
    """First moment, milliseconds since the epoch; None: always."""
    until: int | None
    """First moment after it; None: for ever."""


def changed_stretch(before: Timeline, after: Timeline) -> Stretch:
    """The shortest stretch outside of which two different timelines answer the same."""
    if not before or not after:
        return Stretch(None, None)
    return Stretch(_first_difference(before, after), _end_of_differences(before, after))


def owners_within(timeline: Timeline, stretch: Stretch) -> list[str]:
    """The owners that a timeline names within a stretch, each once, in order."""
    first = -inf if stretch.since is None else stretch.since
    end = inf if stretch.until is None else stretch.until
    owners = [
        period.owner
        for place, period in enumerate(timeline)
        if _start(timeline, place) < end and first < _start(timeline, place + 1)
    ]
    return list(dict.fromkeys(owners))


def _first_difference(before: Timeline, after: Timeline) -> int | None:
    """Walk forward through both while they give the same answers and change at the same moments."""
    place = 0
    while _answer(before[place]) == _answer(after[place]):
        place += 1
        old, new = _start(before, place), _start(after, place)
        if old != new:
            return int(min(old, new))
    return before[place].since


def _end_of_differences(before: Timeline, after: Timeline) -> int | None:
    """Walk backward through both, likewise."""
    end = None
    for old, new in zip(reversed(before), reversed(after), strict=False):
        if _answer(old) != _answer(new):
            break
        if old.since != new.since:
            return max(since for since in (old.since, new.since) if since is not None)
        end = new.since
    return end


def _start(timeline: Timeline, place: int) -> float:
    if place == len(timeline):
        return inf
    since = timeline[place].since
    return -inf if since is None else since


def _answer(period: OwnerPeriod) -> tuple[str, int | None]:
    return period.owner, period.as_of
