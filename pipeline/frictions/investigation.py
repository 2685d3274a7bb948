"""What the detectors have found in one journey so far, kept up to date while the journey grows."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from pipeline.frictions.detector import Deadline, Finding
from pipeline.frictions.detectors import Detectors, bits
from pipeline.frictions.occurrence import Steps


class News(msgspec.Struct):
    """What changed: findings that are new or different, and the ids of those that no longer hold."""

    found: list[Finding] = msgspec.field(default_factory=list)
    gone: list[str] = msgspec.field(default_factory=list)
    since: int = 0
    """The position from which on steps were looked at."""

    def __bool__(self) -> bool:
        return bool(self.found or self.gone)


class _Look(msgspec.Struct):
    """One look at a journey."""

    steps: Steps
    first_new: int
    now: int
    due: int
    """The detectors with a deadline that has passed."""
    parts: dict[int, Steps]
    """The steps from a position on."""
    news: News

    def steps_from(self, start: int) -> Steps:
        """The steps from a position on, sorted by type once for all detectors."""
        found = self.parts.get(start)
        if found is None:
            found = self.parts[start] = Steps(self.steps.all[start:])
        return found


class _Case:
    """One detector's findings: those of past stretches, which nothing changes any more, and those of the last one."""

    __slots__ = ("deadline", "past", "recent", "start")

    def __init__(self) -> None:
        self.past: dict[str, Finding] = {}
        self.recent: dict[str, Finding] = {}
        self.deadline: int | None = None
        self.start = 0

    def begin(self, start: int) -> None:
        """From now on `recent` is about the steps from `start` on."""
        if start < self.start:
            self.recent, self.past = {**self.past, **self.recent}, {}
        self.start = start
        if start:
            for name, finding in list(self.recent.items()):
                if finding.step.position < start:
                    self.past[name] = self.recent.pop(name)


class Investigation:
    """The findings in a journey whose steps are only ever added at its end, and a clock that only goes forward."""

    __slots__ = ("_cases", "_detectors", "_meeting", "deadline")

    def __init__(self, detectors: Detectors) -> None:
        """Begin, with a journey that is still empty."""
        self._detectors = detectors
        self._cases: dict[int, _Case] = {}
        self._meeting = detectors.everywhere
        self.deadline: int | None = None
        """The first moment at which the clock alone changes the findings, later than the `now` of the last look."""

    @property
    def findings(self) -> Iterator[Finding]:
        """All that holds now, by detector; ids are distinct."""
        for index in sorted(self._cases):
            case = self._cases[index]
            yield from case.past.values()
            yield from case.recent.values()

    def look(self, steps: Steps, first_new: int, now: int) -> News:
        """Look at the steps that were added from position `first_new` on, and at what the clock changed.

        Args:
            steps: The journey.
            first_new: Position of the first step that was not there the last time; the number of steps if none is.
            now: The clock, at least the time of the last step: milliseconds since the epoch.
        """
        detectors = self._detectors
        types = {step.type for step in steps.all[first_new:]}
        self._meeting |= detectors.listening(types)
        look = _Look(steps, first_new, now, self._due(now), {0: steps}, News(since=first_new))
        concerned = (detectors.reading(types) | look.due) & self._meeting
        for index in bits(concerned & ~detectors.following):
            self._ask(index, look, ())
        following = detectors.following & (self._meeting if look.news else concerned)
        if following:
            seen = self._plain()
            for index in bits(following):
                self._ask(index, look, seen)
        deadlines = [case.deadline for case in self._cases.values() if case.deadline is not None]
        self.deadline = min(deadlines, default=None)
        return look.news

    def _due(self, now: int) -> int:
        if self.deadline is None or self.deadline > now:
            return 0
        due = 0
        for index, case in self._cases.items():
            if case.deadline is not None and case.deadline <= now:
                due |= 1 << index
        return due

    def _plain(self) -> tuple[Finding, ...]:
        """What the detectors found that are not cross-channel."""
        plain = (index for index in sorted(self._cases) if not self._detectors.ordered[index].cross_channel)
        cases = (self._cases[index] for index in plain)
        return tuple(finding for case in cases for its in (case.past, case.recent) for finding in its.values())

    def _ask(self, index: int, look: _Look, seen: Sequence[Finding]) -> None:
        """Ask a detector about the stretch that the new steps belong to, or else about the whole journey."""
        stretch, start = self._detectors.scopes[index].stretch, 0
        if stretch is not None and not look.due >> index & 1:
            concerned = stretch(look.steps.all, look.first_new)
            if concerned is None:
                return
            start = concerned
        look.news.since = min(look.news.since, start)
        results = self._detectors.ordered[index].detect(look.steps_from(start), look.now, seen)
        found, deadline = _sorted_out(results)
        case = self._cases.get(index)
        if case is None:
            if not found and deadline is None:
                return
            case = self._cases[index] = _Case()
        case.begin(start)
        open_elsewhere = case.deadline if start else None  # in an earlier stretch, which was not looked at
        case.deadline = min((at for at in (deadline, open_elsewhere) if at is not None), default=None)
        for name in found.keys() & case.past.keys():
            del found[name]
        look.news.gone += [name for name in case.recent if name not in found]
        look.news.found += [finding for name, finding in found.items() if case.recent.get(name) != finding]
        case.recent = found


def _sorted_out(results: Iterable[Finding | Deadline]) -> tuple[dict[str, Finding], int | None]:
    """Findings by id, of those with one id the first, and the earliest deadline."""
    found: dict[str, Finding] = {}
    deadline: int | None = None
    for result in results:
        if isinstance(result, Deadline):
            deadline = result.at if deadline is None else min(deadline, result.at)
        else:
            found.setdefault(result.friction_id, result)
    return found, deadline
