"""Bursts: many steps in a short time."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.frictions.occurrence import Occurrence


def bursts(steps: Sequence[Occurrence], count: int, window_ms: int | None) -> Iterable[Sequence[Occurrence]]:
    """Find the runs in which every step is one of `count` consecutive steps that span at most `window_ms`.

    Windows that share a step form one run, so a longer burst is one. None: any span will do.
    """
    return _runs(steps, count, window_ms) if len(steps) >= count else ()


def _runs(steps: Sequence[Occurrence], count: int, window_ms: int | None) -> Iterator[Sequence[Occurrence]]:
    first_of_run = last_of_run = -1
    for first in range(len(steps) - count + 1):
        last = first + count - 1
        if window_ms is not None and steps[last].time - steps[first].time > window_ms:
            continue
        if first > last_of_run:
            if last_of_run >= 0:
                yield steps[first_of_run : last_of_run + 1]
            first_of_run = first
        last_of_run = last
    if last_of_run >= 0:
        yield steps[first_of_run : last_of_run + 1]
