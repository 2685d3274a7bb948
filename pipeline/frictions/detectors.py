"""The detectors of a deployment, and which of them a step concerns."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from pipeline.frictions.detector import Detector, EventDetector
from pipeline.frictions.scope import Scope, scope_of


class Detectors:
    """A set of detectors with distinct kinds, dispatched by event type; cross-channel ones come after the others.

    Those that judge each event alone are kept apart. Sets of the others are bit masks: bit `i` stands for `ordered[i]`.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        """Register detectors.

        Raises:
            ValueError: Two detectors claim one kind, or a detector claims none.
        """
        self.kinds = _distinct_kinds(detectors)
        self.judging = _judging(detectors)
        """By event type, those that judge each event alone."""
        judging = {id(detector) for some in self.judging.values() for detector in some}
        others = [detector for detector in detectors if id(detector) not in judging]
        self.ordered = tuple(sorted(others, key=lambda detector: detector.cross_channel))
        """The others, cross-channel ones last."""
        self.scopes = tuple(scope_of(detector) for detector in self.ordered)
        self.everywhere = _mask(not detector.listens_to for detector in self.ordered)
        """Those that are called for every journey."""
        self.following = _mask(
            detector.cross_channel and scope.stretch is None
            for detector, scope in zip(self.ordered, self.scopes, strict=True)
        )
        """Those that look at what the others found."""
        self.needing = _mask(scope.need is not None for scope in self.scopes)
        """Those that are not called before the journey has what they need."""
        self._reading_all = _mask(scope.types is None for scope in self.scopes)
        self._concerned = _concerned(self.ordered, self.scopes)

    def concerned(self, types: Collection[str]) -> tuple[int, int]:
        """Those to call for a journey with steps of these types, and those whose findings such steps may change."""
        listening, reading = self.everywhere, self._reading_all if types else 0
        for name in types:
            if name in self._concerned:
                meeting, looking = self._concerned[name]
                listening |= meeting
                reading |= looking
        return listening, reading


def bits(mask: int) -> Iterator[int]:
    """The indexes of a set of detectors, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _judging(detectors: Iterable[Detector]) -> dict[str, list[EventDetector]]:
    judging: dict[str, list[EventDetector]] = {}
    for detector in detectors:
        if isinstance(detector, EventDetector) and not detector.cross_channel:
            for name in detector.listens_to:
                judging.setdefault(name, []).append(detector)
    return judging


def _mask(chosen: Iterable[bool]) -> int:
    return sum(1 << index for index, is_chosen in enumerate(chosen) if is_chosen)


def _concerned(detectors: Sequence[Detector], scopes: Sequence[Scope]) -> dict[str, tuple[int, int]]:
    """By event type, those that listen to it, and those whose scope names it."""
    names = {name for detector in detectors for name in detector.listens_to}
    names.update(name for scope in scopes for name in scope.types or ())
    return {
        name: (
            _mask(name in detector.listens_to for detector in detectors),
            _mask(name in (scope.types or ()) for scope in scopes),
        )
        for name in names
    }


def _distinct_kinds(detectors: Sequence[Detector]) -> tuple[str, ...]:
    claimed: dict[str, Detector] = {}
    for detector in detectors:
        if not detector.kinds:
            raise ValueError(f"{type(detector).__name__} names no friction kind")
        for kind in detector.kinds:
            if kind in claimed:
                raise ValueError(
                    f"two detectors claim the friction kind {kind!r}: "
                    f"{type(claimed[kind]).__name__} and {type(detector).__name__}"
                )
            claimed[kind] = detector
    return tuple(claimed)
