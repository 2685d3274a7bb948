"""The observations of one mailbox: to whom it was seen to belong, when, and how that is known."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Final, NamedTuple

Via = tuple[str, ...]
"""Sorted identifiers of the bridges that a bridged link came over."""
DIRECT_BYTES: Final = 64
BRIDGED_BYTES: Final = 250
"""Approximate bytes in memory for one time of a target."""


class Observation(NamedTuple):
    """One link of a mailbox."""

    target: str
    time: int
    """Milliseconds since the epoch."""
    via: Via
    """Empty for a direct link."""


class Links:
    """Direct links, bridged links with the ways (`via`) over which they came, and the bridges that were dissolved.

    If one way to a bridged link contains another, only the smaller is kept: it holds for at least as long.
    """

    __slots__ = ("bridged", "direct", "dissolved", "size")

    def __init__(self) -> None:
        self.direct: dict[str, list[int]] = {}
        """Times by target, milliseconds since the epoch, ascending."""
        self.bridged: dict[str, dict[int, list[Via]]] = {}
        """Ways by time by target; no list is empty, and no bridge in it is dissolved."""
        self.dissolved: frozenset[str] = frozenset()
        self.size = 0
        """Approximate bytes in memory of all times."""

    def __bool__(self) -> bool:
        return bool(self.direct or self.bridged or self.dissolved)

    def knows(self, target: str, time: int, via: Via) -> bool:
        """Whether this link would add nothing: observed already, or over a bridge that is dissolved."""
        times = self.direct.get(target)
        if times is not None and _contains(times, time):
            return True
        if not via:
            return False
        if not self.dissolved.isdisjoint(via):
            return True
        ways = self.bridged.get(target, {}).get(time, ())
        return any(set(way) <= set(via) for way in ways)

    def add(self, target: str, time: int, via: Via) -> None:
        """Add a link that `knows` does not know."""
        if not via:
            self.size += DIRECT_BYTES
            insort(self.direct.setdefault(target, []), time)
            self._discard_bridged(target, time)
            return
        ways = self.bridged.setdefault(target, {}).setdefault(time, [])
        self.size += 0 if ways else BRIDGED_BYTES
        ways[:] = [way for way in ways if not set(via) <= set(way)]
        ways.append(via)
        ways.sort()

    def dissolve(self, bridge: str) -> None:
        """Forget every link that came over `bridge`, now and in future."""
        self.dissolved |= {bridge}
        for target, times in list(self.bridged.items()):
            for time, ways in list(times.items()):
                ways[:] = [way for way in ways if bridge not in way]
                if not ways:
                    self._discard_bridged(target, time)

    def forget_bridged(self) -> None:
        """Drop bridged links and dissolved bridges: with direct links they do not matter (persons and devices)."""
        self.size -= sum(len(times) for times in self.bridged.values()) * BRIDGED_BYTES
        self.bridged.clear()
        self.dissolved = frozenset()

    def targets(self) -> set[str]:
        """Everyone this mailbox has links to."""
        return self.direct.keys() | self.bridged.keys()

    def observations(self, target: str) -> Iterator[Observation]:
        """The links to one target, each with every way it came."""
        for time in self.direct.get(target, ()):
            yield Observation(target, time, ())
        for time, ways in self.bridged.get(target, {}).items():
            for via in ways:
                yield Observation(target, time, via)

    def ways(self, target: str) -> list[Via]:
        """The smallest sets of bridges over which `target` was reached, whatever the time; `()` if directly."""
        if target in self.direct:
            return [()]
        smallest: list[Via] = []
        distinct = {via for ways in self.bridged.get(target, {}).values() for via in ways}
        for via in sorted(distinct, key=lambda way: (len(way), way)):
            if not any(set(other) <= set(via) for other in smallest):
                smallest.append(via)
        return smallest

    def _discard_bridged(self, target: str, time: int) -> None:
        times = self.bridged.get(target)
        if times is None or times.pop(time, None) is None:
            return
        self.size -= BRIDGED_BYTES
        if not times:
            del self.bridged[target]


def _contains(times: list[int], time: int) -> bool:
    index = bisect_left(times, time)
    return index < len(times) and times[index] == time
