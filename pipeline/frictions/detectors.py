"""The detectors of a deployment, and how they are run over a journey."""

from collections.abc import Sequence

from pipeline.frictions.detector import Deadline, Detector, Finding
from pipeline.frictions.occurrence import Steps


class Detectors:
    """A set of detectors with distinct kinds, dispatched by event type.

    A journey meets only the detectors that listen to a type it has; cross-channel ones run after the others.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        """Register detectors.

        Raises:
            ValueError: Two detectors claim one kind, or a detector claims none.
        """
        self._ordered = sorted(detectors, key=lambda detector: detector.cross_channel)
        self.kinds = _distinct_kinds(self._ordered)
        self._always = 0
        self._by_type: dict[str, int] = {}
        for index, detector in enumerate(self._ordered):
            if not detector.listens_to:
                self._always |= 1 << index
            for name in detector.listens_to:
                self._by_type[name] = self._by_type.get(name, 0) | 1 << index

    def run(self, steps: Steps, now: int) -> tuple[list[Finding], int | None]:
        """Find the frictions of a journey, and the first moment at which the clock alone changes them.

        Args:
            steps: The journey.
            now: The clock, at least the time of the last step: milliseconds since the epoch.

        Returns:
            Findings with distinct ids in order of time, and the earliest deadline or None.
        """
        found: dict[str, Finding] = {}
        deadlines: list[int] = []
        seen: Sequence[Finding] = ()
        mask = self._mask(steps)
        for index, detector in enumerate(self._ordered):
            if not mask >> index & 1:
                continue
            if detector.cross_channel and not seen:
                seen = tuple(found.values())
            for result in detector.detect(steps, now, seen):
                if isinstance(result, Deadline):
                    deadlines.append(result.at)
                else:
                    found.setdefault(result.friction_id, result)
        findings = sorted(found.values(), key=_order) if len(found) > 1 else list(found.values())
        return findings, min(deadlines, default=None)

    def _mask(self, steps: Steps) -> int:
        mask = self._always
        for name in steps.types:
            mask |= self._by_type.get(name, 0)
        return mask


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


def _order(finding: Finding) -> tuple[int, str, str]:
    return finding.time, finding.kind, finding.about
