"""What a mailbox of lower rank has recalled: up to which version, by the moment that was asked about."""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Final

import msgspec


class Recalled(msgspec.Struct, frozen=True, gc=False):
    """The highest version recalled as a step function of the moment; 0 where nothing was."""

    bounds: tuple[int, ...] = ()
    """Where each step but the first begins, in order: milliseconds since the epoch."""
    versions: tuple[int, ...] = (0,)
    """The version of each step, which differs from those beside it."""

    def at(self, moment: int) -> int:
        """The highest version recalled for touches that asked about `moment`."""
        return self.versions[bisect_right(self.bounds, moment)]

    def recall(self, since: int | None, until: int | None, version: int) -> "Recalled":
        """The same, with at least `version` recalled from `since` (None: always) to before `until` (None: for ever)."""
        lower = self._split(since)
        first = 0 if since is None else bisect_left(lower.bounds, since) + 1
        both = lower._split(until)
        last = len(both.versions) if until is None else bisect_left(both.bounds, until) + 1
        raised = tuple([max(version, known) for known in both.versions[first:last]])
        return _joined(both.bounds, both.versions[:first] + raised + both.versions[last:])

    def _split(self, moment: int | None) -> "Recalled":
        """The same with a step that begins at `moment`."""
        if moment is None:
            return self
        place = bisect_left(self.bounds, moment)
        if self.bounds[place : place + 1] == (moment,):
            return self
        bounds = (*self.bounds[:place], moment, *self.bounds[place:])
        return Recalled(bounds, (*self.versions[: place + 1], *self.versions[place:]))


NOTHING: Final = Recalled()
"""Of a mailbox that has recalled nothing."""


def _joined(bounds: tuple[int, ...], versions: tuple[int, ...]) -> Recalled:
    """Join neighbouring steps that have the same version."""
    steps = [
        (bound, after) for bound, (before, after) in zip(bounds, pairwise(versions), strict=True) if before != after
    ]
    return Recalled(tuple([bound for bound, _ in steps]), (versions[0], *[version for _, version in steps]))
