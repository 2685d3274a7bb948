"""What the detectors have found in one journey so far, kept up to date while the journey grows."""

from collections.abc import Iterable, Sequence, Set
from typing import Final

import msgspec

from pipeline.frictions.detector import Deadline, Finding
from pipeline.frictions.detectors import Detectors, bits
from pipeline.frictions.occurrence import Steps
from pipeline.frictions.scope import Stretch

HIGHEST_SEVERITY: Final = 3


class News(msgspec.Struct, gc=False):
    """What changed: findings that are new or different, and the ids of those that no longer hold."""

    found: dict[str, Finding] = msgspec.field(default_factory=dict)
    """By friction id."""
    gone: list[str] = msgspec.field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.found or self.gone)


class _Look(msgspec.Struct, gc=False):
    """One look at a journey."""

    steps: Steps
    first_new: int
    now: int
    due: int
    """The detectors with a deadline that has passed."""
    news: News
    parts: dict[int, Steps] = {}
    """The steps from a position on, by that position."""
    stretches: dict[Stretch, int | None] = {}
    """Where each stretch begins; several detectors may share one."""

    def start_of(self, stretch: Stretch) -> int | None:
        """Where the stretch begins that the new steps belong to; None if they change nothing."""
        if stretch not in self.stretches:
            self.stretches[stretch] = stretch(self.steps.all, self.first_new)
        return self.stretches[stretch]

    def steps_from(self, start: int) -> Steps:
        """The steps from a position on, sorted by type once for all detectors."""
        found = self.parts.get(start) if start else self.steps
        if found is None:
            found = self.parts[start] = Steps(self.steps.all[start:])
        return found


class _Case:
    """One detector's findings: those of past stretches, which no longer change, and those of the last one."""

    __slots__ = ("deadline", "past", "recent", "start")

    def __init__(self) -> None:
        self.past: dict[str, Finding] = {}
        self.recent: dict[str, Finding] = {}
        self.deadline: int | None = None
        self.start = 0

    def begin(self, start: int, led_in: bool) -> None:
        """From now on `recent` covers the steps from `start` on, without the first if that is only a lead-in."""
        if start < self.start:
            self.recent, self.past = {**self.past, **self.recent}, {}
        self.start = start
        if start:
            for name, finding in list(self.recent.items()):
                if finding.step.position < start + led_in:
                    self.past[name] = self.recent.pop(name)


class Investigation:
    """The findings in a journey that grows at its end, under a clock that only goes forward."""

    __slots__ = ("_cases", "_detectors", "_judged", "_meeting", "deadline", "score", "severe")

    def __init__(self, detectors: Detectors) -> None:
        """Begin with an empty journey."""
        self._detectors = detectors
        self._judged: dict[str, Finding] = {}
        """Findings about single events, by friction id; they no longer change."""
        self._cases: dict[int, _Case] = {}
        self._meeting = 0
        """The detectors that listen to the journey's types and have what they need."""
        self.score = 0
        """Sum of the severities of the current findings."""
        self.severe = 0
        """How many findings have the highest severity."""
        self.deadline: int | None = None
        """The first moment at which the clock alone changes the findings, later than the `now` of the last look."""

    def look(self, steps: Steps, first_new: int, types: Set[str], now: int) -> News:
        """Look at the steps that were added from a position on, and at what the clock changed.

        Args:
            steps: The journey.
            first_new: Position of the first step that was added; the number of steps if none was. Later steps may have
                been there at the last look.
            types: The distinct types of the steps from there on.
            now: The clock, at least the time of the last step: milliseconds since the epoch.
        """
        detectors = self._detectors
        look = _Look(steps, first_new, now, self._due(now), News())
        if not types.isdisjoint(detectors.judging):
            self._judge(look)
        listening, reading = detectors.concerned(types)
        self._meet(listening & ~self._meeting, steps)
        concerned = (reading | look.due) & self._meeting
        for index in bits(concerned & ~detectors.following):
            self._ask(index, look, ())
        following = detectors.following & (self._meeting if look.news else concerned)
        if following:
            seen = self._plain()
            for index in bits(following):
                self._ask(index, look, seen)
        if self._cases:
            deadlines = [case.deadline for case in self._cases.values() if case.deadline is not None]
            self.deadline = min(deadlines, default=None)
        return look.news

    def _meet(self, detectors: int, steps: Steps) -> None:
        """From now on call these detectors, if the journey has what they need."""
        for index in bits(detectors & self._detectors.needing):
            need = self._detectors.scopes[index].need
            if need is not None and not need(steps):
                detectors ^= 1 << index
        self._meeting |= detectors

    def _due(self, now: int) -> int:
        if self.deadline is None or self.deadline > now:
            return 0
        due = 0
        for index, case in self._cases.items():
            if case.deadline is not None and case.deadline <= now:
                due |= 1 << index
        return due

    def _plain(self) -> Sequence[Finding]:
        """The findings of the detectors that are not cross-channel."""
        found = list(self._judged.values())
        for index, case in self._cases.items():
            if not self._detectors.ordered[index].cross_channel:
                found += case.past.values()
                found += case.recent.values()
        return sorted(found, key=lambda finding: (finding.time, finding.kind, finding.about))

    def _judge(self, look: _Look) -> None:
        """Judge the new steps one by one."""
        judging, judged = self._detectors.judging, self._judged
        new = look.steps.all[look.first_new :] if look.first_new else look.steps.all
        for step in new:
            if step.type not in judging:
                continue
            for detector in judging[step.type]:
                finding = detector.find(step)
                if finding is not None:
                    name = finding.friction_id
                    if name not in judged:
                        judged[name] = look.news.found[name] = finding
                        self._weigh(finding, 1)

    def _ask(self, index: int, look: _Look, seen: Sequence[Finding]) -> None:
        """Call a detector with the stretch that the new steps belong to, or else with the whole journey."""
        scope, start = self._detectors.scopes[index], 0
        if scope.stretch is not None and not look.due >> index & 1:
            concerned = look.start_of(scope.stretch)
            if concerned is None:
                return
            start = concerned
        news = look.news
        results = self._detectors.ordered[index].detect(look.steps_from(start), look.now, seen)
        found, deadline = _sorted_out(results)
        case = self._cases.get(index)
        if case is None:
            if not found and deadline is None:
                return
            case = self._cases[index] = _Case()
        case.begin(start, scope.led_in)
        if start:  # deadlines of an earlier stretch stay open: this call did not cover it
            deadline = min([at for at in (deadline, case.deadline) if at is not None], default=None)
        case.deadline = deadline
        if case.past:
            for name in found.keys() & case.past.keys():
                del found[name]
        before, case.recent = case.recent, found
        for name, finding in before.items():
            if name not in found:
                news.gone.append(name)
                self._weigh(finding, -1)
        for name, finding in found.items():
            known = before.get(name)
            if known != finding:
                news.found[name] = finding
                self._weigh(finding, 1)
                if known is not None:
                    self._weigh(known, -1)

    def _weigh(self, finding: Finding, sign: int) -> None:
        self.score += sign * finding.severity
        self.severe += sign * (finding.severity == HIGHEST_SEVERITY)


def _sorted_out(results: Iterable[Finding | Deadline]) -> tuple[dict[str, Finding], int | None]:
    """The findings by id (of several with one id, the first), and the earliest deadline."""
    found: dict[str, Finding] = {}
    deadline: int | None = None
    for result in results:
        if isinstance(result, Deadline):
            deadline = result.at if deadline is None else min(deadline, result.at)
        else:
            found.setdefault(result.friction_id, result)
    return found, deadline
