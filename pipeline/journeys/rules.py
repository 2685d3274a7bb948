"""Everything that decides how a customer's events are folded."""

from collections.abc import Sequence

import msgspec

from pipeline.frictions.built_in import built_in
from pipeline.frictions.detector import Detector
from pipeline.frictions.detectors import Detectors
from pipeline.frictions.policy import FrictionPolicy
from pipeline.journeys.policy import JourneyPolicy


class Rules(msgspec.Struct, frozen=True, eq=False):
    """The journeys' policy, and the detectors with theirs."""

    journeys: JourneyPolicy
    detectors: Detectors
    evidence_limit: int = 100
    """A friction names at most this many event ids as evidence, the earliest; ten thousand clicks prove no more."""

    @classmethod
    def of(
        cls,
        journeys: JourneyPolicy | None = None,
        frictions: FrictionPolicy | None = None,
        further: Sequence[Detector] = (),
    ) -> "Rules":
        """Bundle policies (by default the documented ones), the built-in detectors and a deployment's own.

        Raises:
            ValueError: Two detectors claim one friction kind.
        """
        journeys = journeys or JourneyPolicy()
        detectors = built_in(frictions or FrictionPolicy(), journeys.abandon_after_ms)
        return cls(journeys, Detectors([*detectors, *further]))
