"""Frictions of pages: errors, broken and slow pages, loops, forms and searches."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pipeline.frictions.bursts import bursts
from pipeline.frictions.detector import Deadline, EventDetector, Finding, about_event, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import Vitals, WebPolicy
from pipeline.frictions.scope import Scope, at_least, without_pause


class PageStatus(EventDetector):
    """`broken_link`, `server_error`: a page had status 400 to 499, or 500 and above (RFC 9110 §15)."""

    kinds = ("broken_link", "server_error")
    listens_to = ("web.page_viewed",)
    signs = (b'"status":4', b'"status":5')

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Judge the status."""
        status = step.number("status")
        if status is None or status < 400:
            return None
        return ("server_error", 3) if status >= 500 else ("broken_link", 2)


class SlowPage(EventDetector):
    """`slow_page`: a Core Web Vital is "poor" (severity 2) or "needs improvement" (1), https://web.dev/articles/vitals."""

    kinds = ("slow_page",)
    listens_to = ("web.page_measured",)

    def __init__(self, policy: WebPolicy) -> None:
        self._poor = policy.vitals_poor
        self._fair = policy.vitals_fair

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Judge the measurements that are there."""
        vitals = step.number("lcp_ms") or 0, step.number("inp_ms") or 0, step.number("cls") or 0
        if _worse(vitals, self._poor):
            return "slow_page", 2
        return ("slow_page", 1) if _worse(vitals, self._fair) else None


def _worse(vitals: tuple[float, float, float], limits: Vitals) -> bool:
    lcp_ms, inp_ms, cls = vitals
    return lcp_ms > limits.lcp_ms or inp_ms > limits.inp_ms or cls > limits.cls


class Looping:
    """`looping`: pages A→B→A→B in immediate succession within a minute; a longer loop is one friction.

    It is about the first page of the loop and happens when the fourth is viewed.
    """

    kinds = ("looping",)
    listens_to = ("web.page_viewed",)
    cross_channel = False

    def __init__(self, policy: WebPolicy) -> None:
        self._window = policy.looping_ms
        self.scope = Scope(frozenset(self.listens_to), self._stretch, need=at_least(4, "web.page_viewed"))

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterable[Finding | Deadline]:
        """Look only at stretches of quick page views, so that the others need not be decoded."""
        quick = bursts(steps.of("web.page_viewed"), 4, self._window)
        return [loop for views in quick for loop in self._loops(views)]

    def _stretch(self, steps: Sequence[Occurrence], first_new: int) -> int:
        """Begin at the third view before the new ones or, if it is in a loop, at the first view of that loop.

        Loops of four views that share a view are one. Views before a pause longer than a loop may take do not matter.
        """
        earlier = self._views_before(steps, first_new)
        views = list(islice(earlier, 6))
        first = min(3, len(views))
        while first >= 3:
            longer = next((by for by in (3, 2, 1) if self._is_loop(views[first + by - 4 : first + by][::-1])), None)
            if longer is None:
                break
            first += longer
            views += islice(earlier, longer)
        return views[first - 1].position if first else first_new

    def _views_before(self, steps: Sequence[Occurrence], end: int) -> Iterator[Occurrence]:
        """The views before a position, the last one first, back to a pause longer than a loop may take."""
        for place in range(end - 1, -1, -1):
            if steps[place + 1].time - steps[place].time > self._window:
                return
            if steps[place].type == "web.page_viewed":
                yield steps[place]

    def _is_loop(self, views: Sequence[Occurrence]) -> bool:
        if len(views) < 4 or views[3].time - views[0].time > self._window:
            return False
        one = views[0].text("url")
        if one is None or one != views[2].text("url"):
            return False
        other = views[1].text("url")
        return other == views[3].text("url") and one != other

    def _loops(self, views: Sequence[Occurrence]) -> Iterator[Finding]:
        first_of_loop = last_of_loop = -1
        for first in range(len(views) - 3):
            if not self._is_loop(views[first : first + 4]):
                continue
            if first > last_of_loop:
                if last_of_loop >= 0:
                    yield _loop(views[first_of_loop : last_of_loop + 1])
                first_of_loop = first
            last_of_loop = first + 3
        if last_of_loop >= 0:
            yield _loop(views[first_of_loop : last_of_loop + 1])


def _loop(views: Sequence[Occurrence]) -> Finding:
    return _grown("looping", 1, views[0], views[3], views)


class FormStruggle:
    """`form_struggle`: one form was rejected three times or more in a session; it happens at the third rejection."""

    kinds = ("form_struggle",)
    listens_to = ("web.form_submitted",)
    cross_channel = False

    def __init__(self, policy: WebPolicy) -> None:
        self._rejections = policy.form_rejections
        self.scope = Scope(frozenset(self.listens_to), need=at_least(self._rejections, "web.form_submitted"))

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Count the rejections by session and form."""
        rejected: dict[tuple[int, str], list[Occurrence]] = {}
        for step in steps.of("web.form_submitted"):
            if step.flag("accepted") is False:
                rejected.setdefault((step.session, step.text("form") or ""), []).append(step)
        for times in rejected.values():
            if len(times) >= self._rejections:
                yield _grown("form_struggle", 2, times[0], times[self._rejections - 1], times)


class FruitlessSearch:
    """`fruitless_search`: a search with no results, or three searches within two minutes without a product view.

    A run of searches and the fruitless searches in it are one friction. Where one of the first three had no results,
    it happens at that search and is about it; otherwise it happens at the third and is about the first. So it stays the
    same as the run goes on.
    """

    kinds = ("fruitless_search",)
    listens_to = ("web.searched",)
    cross_channel = False

    def __init__(self, policy: WebPolicy) -> None:
        self._count = policy.searches
        self._window = policy.searches_ms
        types = frozenset({"web.searched", "web.product_viewed"})
        self.scope = Scope(types, without_pause(self._window, parted_by="web.product_viewed"))

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Find the runs, then the fruitless searches outside them."""
        in_runs: set[int] = set()
        searched = steps.of("web.searched")
        for searches in _without_view(steps) if len(searched) >= self._count else ():
            for run in bursts(searches, self._count, self._window):
                in_runs.update(search.position for search in run)
                yield self._run(run)
        for search in searched:
            if search.position not in in_runs and _is_fruitless(search):
                yield about_event("fruitless_search", 1, search)

    def _run(self, run: Sequence[Occurrence]) -> Finding:
        empty = next((search for search in run[: self._count] if _is_fruitless(search)), None)
        if empty is None:
            return _grown("fruitless_search", 1, run[0], run[self._count - 1], run)
        return _grown("fruitless_search", 1, empty, empty, run)


def _is_fruitless(search: Occurrence) -> bool:
    """Whether it had no results. Most had some, and the bytes alone show it; zero may be written -0 or 0.0 too."""
    data = search.event.data
    return (b'"results":0' in data or b'"results":-0' in data) and search.number("results") == 0


def _without_view(steps: Steps) -> Iterator[list[Occurrence]]:
    searches: list[Occurrence] = []
    for step in steps.of("web.searched", "web.product_viewed"):
        if step.type == "web.searched":
            searches.append(step)
        else:
            yield searches
            searches = []
    yield searches


def _grown(kind: str, severity: int, first: Occurrence, step: Occurrence, run: Sequence[Occurrence]) -> Finding:
    return Finding(
        kind=kind,
        severity=severity,
        about=event_subject(first),
        step=step,
        time=step.time,
        evidence=tuple(run),
    )
