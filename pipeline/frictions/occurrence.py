"""The steps of one journey as detectors see them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Final, TypeVar, cast

import msgspec
import orjson

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event

Derived = TypeVar("Derived")
_NUMBERS: Final = (int, float)
_position: Final = attrgetter("position")


class Occurrence(msgspec.Struct, eq=False, gc=False):
    """An event at its place in a journey.

    Its data is decoded on demand and not kept: keeping it would take more memory than everything else. The accessors
    return None for what is absent or of another type: a detector need not trust a deployment's own schemas.
    """

    event: Event
    key: bytes
    """`event.key`, computed once."""
    touchpoint: Touchpoint
    time: int
    """Milliseconds since the epoch, UTC."""
    type: str
    position: int = 0
    """Index in the journey."""
    session: int = 0
    """Index of the session in the journey."""

    @property
    def data(self) -> Mapping[str, object]:
        """The event's data, identifiers included."""
        return _decoded(self.event.data)

    def number(self, name: str) -> float | None:
        """Read a number of the data."""
        value = _decoded(self.event.data).get(name)
        return value if isinstance(value, _NUMBERS) and not isinstance(value, bool) else None

    def text(self, name: str) -> str | None:
        """Read a text of the data."""
        value = _decoded(self.event.data).get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool | None:
        """Read a boolean of the data."""
        value = _decoded(self.event.data).get(name)
        return value if isinstance(value, bool) else None

    def identifier(self, namespace: str) -> str | None:
        """Return the identifier of a namespace as `namespace:value`, if the event carries one."""
        prefix = namespace + ":"
        for identifier in self.event.identifiers:
            if identifier.startswith(prefix):
                return identifier
        return None


class Steps:
    """One journey's occurrences in order of `(time, source, id)`."""

    __slots__ = ("_by_type", "_carrying", "_channels", "_derived", "all")

    def __init__(self, occurrences: Sequence[Occurrence] = ()) -> None:
        self.all: list[Occurrence] = []
        """Every occurrence, in order; to be read only."""
        self._derived: dict[Callable[[Steps], object], object] = {}
        self._by_type: defaultdict[str, list[Occurrence]] = defaultdict(list)
        self._channels: dict[str, None] = {}
        self._carrying: dict[str, tuple[int, list[Occurrence]]] = {}
        self.append(occurrences)

    def append(self, occurrences: Sequence[Occurrence]) -> None:
        """Add occurrences that come after all others."""
        self.all += occurrences
        if self._derived:
            self._derived = {}
        by_type, channels = self._by_type, self._channels
        for occurrence in occurrences:
            by_type[occurrence.type].append(occurrence)
            channels[occurrence.event.channel] = None

    def cut(self, position: int) -> Sequence[Occurrence]:
        """Remove and return the occurrences from a position on; the caller appends them again, together with others."""
        later, self.all[position:] = self.all[position:], []
        self._derived, self._carrying = {}, {}
        for name in {occurrence.type for occurrence in later}:
            known = self._by_type[name]
            del known[bisect_left(known, position, key=_position) :]
            if not known:
                del self._by_type[name]
        return later

    @property
    def channels(self) -> Set[str]:
        """The distinct channels."""
        return self._channels.keys()

    @property
    def types(self) -> Set[str]:
        """The distinct event types, in order of their first occurrence."""
        return self._by_type.keys()

    @property
    def firsts(self) -> Sequence[Occurrence]:
        """The first occurrence of each type, in order."""
        return [occurrences[0] for occurrences in self._by_type.values()]

    def has_any(self, types: frozenset[str]) -> bool:
        """Whether any of these types occurs."""
        return not types.isdisjoint(self._by_type)

    def of(self, *types: str) -> Sequence[Occurrence]:
        """The occurrences of some types, in order."""
        if len(types) == 1:
            return self._by_type.get(types[0], ())
        present = [self._by_type[name] for name in types if name in self._by_type]
        if len(present) <= 1:
            return present[0] if present else ()
        return sorted(chain.from_iterable(present), key=_position)

    def carrying(self, namespace: str) -> Sequence[Occurrence]:
        """The occurrences with an identifier of a namespace, in order."""
        seen, found = self._carrying.get(namespace, (0, []))
        found += [step for step in self.all[seen:] if step.identifier(namespace) is not None]
        self._carrying[namespace] = len(self.all), found
        return found

    def derive(self, build: Callable[["Steps"], Derived]) -> Derived:
        """Return what `build` makes of these steps; computed once, however many detectors ask for it."""
        if build not in self._derived:
            self._derived[build] = build(self)
        return cast("Derived", self._derived[build])


@lru_cache(maxsize=1024)
def _decoded(data: bytes) -> Mapping[str, object]:
    """Decode once for all detectors that ask one after another."""
    value = orjson.loads(data)
    return value if isinstance(value, dict) else {}
