"""Going back and forth between channels."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.catalogue.touchpoint import STAGES
from pipeline.frictions.detector import Deadline, Finding, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import CrossChannelPolicy
from pipeline.frictions.scope import Scope

_STAGE_RANK = {stage: rank for rank, stage in enumerate(STAGES)}


class ChannelPingpong:
    """`channel_pingpong`: four changes of channel within 24 hours without reaching a later stage; a longer run is one.

    Later means later than the stage of the step before the first of the changes. Steps that the customer does not take
    (courier scans, devices, sent messages, support's work) are left out. It is about the first change, and happens
    at the fourth; the evidence is the changes and the step before them.
    """

    kinds = ("channel_pingpong",)
    listens_to = ()
    cross_channel = True

    def __init__(self, policy: CrossChannelPolicy) -> None:
        self._changes = policy.channel_changes
        self._window = policy.channel_changes_ms
        self._passive_channels = policy.passive_channels
        self._passive_types = policy.passive_types
        self.scope = Scope(stretch=self._stretch, led_in=True, need=_has_channels)

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look for stretches of quick changes that lead nowhere."""
        active = [step for step in steps.all if self._is_active(step)]
        places = [place + 1 for place, pair in enumerate(pairwise(active)) if _changed(*pair)]
        run: list[int] = []
        for start in range(len(places) - self._changes + 1):
            window = places[start : start + self._changes]
            if not self._leads_nowhere(active, window):
                continue
            if run and window[0] > run[-1]:
                yield self._finding(active, run)
                run = []
            run.extend(place for place in window if not run or place > run[-1])
        if run:
            yield self._finding(active, run)

    def _stretch(self, steps: Sequence[Occurrence], first_new: int) -> int | None:
        """Begin at the step before the first change of the series of changes that leads up to the first new one.

        In a series, each change follows the one before within the window. None if there is no new change.
        """
        if self._goes_on(steps, first_new):
            return None
        path = [step for step in steps[first_new:] if self._is_active(step)]
        before = self._active_before(steps, first_new)
        following = next(before, None)
        if following is not None:
            path.insert(0, following)
        changes = (pair for pair in pairwise(path) if _changed(*pair))
        lead, earliest = next(changes, (None, None))
        if lead is None or earliest is None:
            return None
        following = path[0]
        for step in before:
            if earliest.time - following.time > self._window:
                break
            if _changed(step, following):
                lead, earliest = step, following
            following = step
        return lead.position

    def _goes_on(self, steps: Sequence[Occurrence], first_new: int) -> bool:
        """Whether the new steps stay in the channel of the one before them, as most do."""
        if not first_new:
            return len({step.event.channel for step in steps}) == 1
        channels = {step.event.channel for step in steps[first_new - 1 :]}
        return len(channels) == 1 and self._is_active(steps[first_new - 1])

    def _active_before(self, steps: Sequence[Occurrence], end: int) -> Iterator[Occurrence]:
        return (steps[place] for place in range(end - 1, -1, -1) if self._is_active(steps[place]))

    def _is_active(self, step: Occurrence) -> bool:
        return step.event.channel not in self._passive_channels and step.type not in self._passive_types

    def _leads_nowhere(self, active: Sequence[Occurrence], window: Sequence[int]) -> bool:
        if active[window[-1]].time - active[window[0]].time > self._window:
            return False
        start = _rank(active[window[0] - 1])
        return all(_rank(active[place]) <= start for place in range(window[0], window[-1] + 1))

    def _finding(self, active: Sequence[Occurrence], run: Sequence[int]) -> Finding:
        step = active[run[self._changes - 1]]
        return Finding(
            kind="channel_pingpong",
            severity=2,
            about=event_subject(active[run[0]]),
            step=step,
            time=step.time,
            evidence=(active[run[0] - 1], *(active[place] for place in run)),
        )


def _has_channels(steps: Steps) -> bool:
    return len(steps.channels) > 1


def _changed(one: Occurrence, other: Occurrence) -> bool:
    return one.event.channel != other.event.channel


def _rank(step: Occurrence) -> int:
    return _STAGE_RANK.get(step.touchpoint.stage, 0)
