"""Finds the items that last at a moment, for a series of moments."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Lasting(Generic[Item]):
    """Items that each last from one moment until another, or for ever; the moments asked about never go back.

    Over all calls, each item is looked at once, and again only where it is returned.
    """

    def __init__(self, spans: Iterable[tuple[int, int | None, Item]]) -> None:
        """Take spans in order of their first moments; the second moment is the first at which the item is over."""
        self._coming = list(spans)[::-1]
        self._ends: list[tuple[int, int]] = []
        self._standing: dict[int, Item] = {}
        self._begun = 0

    def latest(self, moment: int, most: int) -> Sequence[Item]:
        """The items that last at a moment, in the order in which they began; at most `most`, those that began last."""
        while self._coming and self._coming[-1][0] <= moment:
            self._begin(*self._coming.pop())
        while self._ends and self._ends[0][0] <= moment:
            del self._standing[heappop(self._ends)[1]]
        return list(islice(reversed(self._standing.values()), most))[::-1]

    def _begin(self, start: int, end: int | None, item: Item) -> None:
        self._begun += 1
        self._standing[self._begun] = item
        if end is not None:
            heappush(self._ends, (end, self._begun))
