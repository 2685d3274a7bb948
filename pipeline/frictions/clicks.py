"""Frictions of clicks: rage, dead and error clicks, and errors without a click."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import hypot, inf

from pipeline.frictions.bursts import bursts
from pipeline.frictions.detector import Deadline, EventDetector, Finding, about_event, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import RAGE_CLICK_PROFILES, RageClickProfile, WebPolicy
from pipeline.frictions.scope import Scope, at_least, without_pause


class RageClick:
    """`rage_click`: three clicks on one target within a second; a longer burst is one friction.

    `RAGE_CLICK_PROFILES` has the differing definitions of PostHog, Datadog, OpenReplay and Amplitude.
    It is about the first click of the burst and happens at the click that completes the definition.
    """

    kinds = ("rage_click",)
    listens_to = ("web.clicked",)
    cross_channel = False

    def __init__(self, policy: WebPolicy) -> None:
        self._profile = RAGE_CLICK_PROFILES[policy.rage_click]
        self.scope = Scope(
            frozenset(self.listens_to),
            without_pause(self._profile.longest_pause_ms),
            need=at_least(self._profile.clicks, "web.clicked"),
        )

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterable[Finding | Deadline]:
        """Look only at stretches of quick clicks, so that the others need not be decoded."""
        clicks = steps.of("web.clicked")
        return self._bursts(clicks) if len(clicks) >= self._profile.clicks else ()

    def _bursts(self, clicked: Sequence[Occurrence]) -> Iterator[Finding]:
        for quick in _quick(clicked, self._profile):
            for clicks in _places(quick, self._profile):
                for burst in _quick(clicks, self._profile):
                    step = burst[self._profile.clicks - 1]
                    yield Finding(
                        kind="rage_click",
                        severity=2,
                        about=event_subject(burst[0]),
                        step=step,
                        time=step.time,
                        evidence=tuple(burst),
                    )


def _quick(clicks: Sequence[Occurrence], profile: RageClickProfile) -> Iterator[Sequence[Occurrence]]:
    if len(clicks) < profile.clicks:
        return
    gap = profile.longest_gap_ms
    if gap is None:
        yield from bursts(clicks, profile.clicks, profile.window_ms)
        return
    for run in _split(clicks, lambda one, other: other.time - one.time > gap):
        yield from bursts(run, profile.clicks, profile.window_ms)


def _places(clicks: Sequence[Occurrence], profile: RageClickProfile) -> Iterator[Sequence[Occurrence]]:
    """Divide clicks by target, then where they jump too far."""
    by_target: dict[str | None, list[Occurrence]] = {}
    for click in clicks:
        by_target.setdefault(click.text("target") if profile.one_target else None, []).append(click)
    farthest = profile.farthest_px
    for place in by_target.values():
        if farthest is None:
            yield place
        else:
            yield from _split(place, lambda one, other: _distance(one, other) > farthest)


def _split(
    clicks: Sequence[Occurrence], apart: Callable[[Occurrence, Occurrence], bool]
) -> Iterator[Sequence[Occurrence]]:
    start = 0
    for index in range(1, len(clicks)):
        if apart(clicks[index - 1], clicks[index]):
            yield clicks[start:index]
            start = index
    yield clicks[start:]


def _distance(one: Occurrence, other: Occurrence) -> float:
    """Pixels between two clicks; if either has no coordinates, 0 on the same target and infinity on different ones."""
    x, y, other_x, other_y = one.number("x"), one.number("y"), other.number("x"), other.number("y")
    if x is None or y is None or other_x is None or other_y is None:
        return 0 if one.text("target") == other.text("target") else inf
    return hypot(x - other_x, y - other_y)


class DeadClick(EventDetector):
    """`dead_click`: a click to which the page did not respond, as the sender's instrumentation reports (`dead`).

    The term is that of Datadog RUM's frustration signals.
    """

    kinds = ("dead_click",)
    listens_to = ("web.clicked",)
    signs = (b'"dead":true',)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Read the event's flag."""
        return ("dead_click", 1) if step.flag("dead") else None


class PageError:
    """`error_click`, `page_error`: an error within a second after a click, or without one.

    Datadog RUM's frustration signals define the error click; each error is one or the other.
    """

    kinds = ("error_click", "page_error")
    listens_to = ("web.error_occurred",)
    cross_channel = False

    def __init__(self, policy: WebPolicy) -> None:
        self._window = policy.error_click_ms
        self.scope = Scope(frozenset({"web.clicked", "web.error_occurred"}), without_pause(self._window))

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look for the last click at or before each error."""
        clicks = steps.of("web.clicked")
        times = [click.time for click in clicks]
        for error in steps.of("web.error_occurred"):
            index = bisect_right(times, error.time) - 1
            if index >= 0 and error.time - times[index] <= self._window:
                yield about_event("error_click", 2, error, evidence=(clicks[index], error))
            else:
                yield about_event("page_error", 1, error)
