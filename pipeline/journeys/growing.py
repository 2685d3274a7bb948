"""One journey, kept up to date while steps are added to it and the clock moves on."""

from collections.abc import Sequence, Set
from operator import attrgetter
from typing import Final

import msgspec

from pipeline.catalogue.touchpoint import STAGES
from pipeline.frictions.detector import Finding
from pipeline.frictions.friction import Friction
from pipeline.frictions.investigation import Investigation
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.journeys.journey import Journey, journey_id
from pipeline.journeys.outcome import BROWSING, may_decide, outcome_of, waits_until
from pipeline.journeys.rules import Rules
from pipeline.journeys.value import NOTHING, VALUE_TYPES, value_of

_position: Final = attrgetter("position")
_STAGE_RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}


class Grown(msgspec.Struct, gc=False):
    """What became of a journey since the last look."""

    journey: Journey
    steps: Steps
    first_new: int
    """Position of the first step that was added; the number of steps if none was. Later ones need not be new."""
    frictions: list[Friction]
    """Those that are new or different."""
    frictions_gone: list[str]
    """Ids of those that no longer hold."""


class GrowingJourney:
    """A journey that keeps its first step, with a clock that only goes forward."""

    __slots__ = (
        "_channels",
        "_first_event",
        "_furthest",
        "_horizon",
        "_investigation",
        "_outcome",
        "_outcome_changes",
        "_rules",
        "_seen",
        "_sources",
        "_stages",
        "_value",
        "_waits_until",
        "customer",
        "journey_id",
        "probe",
        "steps",
        "wake_at",
    )

    def __init__(self, customer: str, first: Occurrence, rules: Rules) -> None:
        """Begin a journey with `first`, which `append` still has to add."""
        self.customer = customer
        self.probe = first.event.probe
        self.journey_id = journey_id(customer, first.key, self.probe)
        self.steps = Steps()
        self.wake_at: int | None = None
        """The next moment at which the journey may change with the clock alone; None: never."""
        self._first_event = (first.event.source, first.event.id)
        self._rules = rules
        self._investigation = Investigation(rules.detectors)
        self._channels: tuple[str, ...] = ()
        self._sources: tuple[str, ...] = ()
        self._stages: dict[str, int] = {}
        self._furthest = ""
        self._horizon = 0
        self._seen = 0
        self._outcome = BROWSING
        self._outcome_changes: int | None = None
        self._value = NOTHING
        self._waits_until = 0

    def append(self, new: Sequence[Occurrence]) -> None:
        """Add steps that come after all others, and give them their positions and sessions."""
        steps, gap = self.steps, self._rules.journeys.session_gap_ms
        known = steps.all
        session, before = (known[-1].session, known[-1].time) if known else (0, new[0].time)
        for position, step in enumerate(new, len(known)):
            if step.time - before > gap:
                session += 1
            before = step.time
            step.position, step.session = position, session
        kinds = len(steps.types) if self._stages else 0
        steps.append(new)
        if len(steps.channels) > len(self._channels):
            self._channels = tuple(sorted(steps.channels))
        if len(steps.types) > kinds:
            self._learn_types(kinds)

    def cut(self, position: int) -> Sequence[Occurrence]:
        """Remove and return the steps from a position on, to be appended again, with others among them."""
        self._seen = min(self._seen, position)
        self._stages = {}
        return self.steps.cut(position)

    def _learn_types(self, known: int) -> None:
        """Take account of the types after the first `known` ones."""
        stages, sources = self._stages, dict.fromkeys(self._sources)
        for first in self.steps.firsts[known:]:
            sources[first.type.partition(".")[0]] = None
            stages.setdefault(first.touchpoint.stage, first.time)  # the stage is the type's
        if len(sources) > len(self._sources):
            self._sources = tuple(sorted(sources))
        self._furthest = max(stages, key=_STAGE_RANK.__getitem__) if len(stages) > 1 else next(iter(stages))

    def is_due(self, now: int) -> bool:
        """Whether steps were added since the last look, or the clock may have changed something."""
        return self._seen < len(self.steps.all) or (self.wake_at is not None and self.wake_at <= now)

    def look(self, now: int) -> Grown:
        """Take account of the steps that were added, and of the clock: milliseconds since the epoch."""
        steps, first_new = self.steps, self._seen
        new = steps.all[first_new:] if first_new else steps.all
        types = {step.type for step in new} if first_new else steps.types
        # A step from a clock that is ahead of ours shows that the time has come.
        horizon = self._horizon = max(self._horizon, now, steps.all[-1].time)
        if self._may_judge_otherwise(types, new, horizon):
            self._judge(horizon)
        news = self._investigation.look(steps, first_new, types, horizon)
        self._seen = len(steps.all)
        journey = self._journey(now)
        limit = self._rules.evidence_limit
        found = news.found.items()
        frictions = [_friction(name, finding, journey, limit) for name, finding in found] if found else []
        return Grown(journey, steps, first_new, frictions, news.gone)

    def _may_judge_otherwise(self, types: Set[str], new: Sequence[Occurrence], horizon: int) -> bool:
        if not VALUE_TYPES.isdisjoint(types) or may_decide(types, new, self.steps):
            return True
        moments = (self._investigation.deadline, self._outcome_changes)
        return any(moment is not None and moment <= horizon for moment in moments)

    def _judge(self, horizon: int) -> None:
        """Compute outcome, value and the end of waiting: they depend on few steps, and on the clock."""
        policy = self._rules.journeys
        self._outcome, self._outcome_changes = outcome_of(self.steps, horizon, policy)
        self._value = value_of(self.steps, horizon, policy.abandon_after_ms)
        self._waits_until = waits_until(self.steps, policy)

    def _journey(self, now: int) -> Journey:
        value, stages, severe = self._value, self._stages, self._investigation.severe
        first, last = self.steps.all[0], self.steps.all[-1]
        closes = max(last.time + self._rules.journeys.journey_gap_ms, self._waits_until) + 1
        moments = (self._investigation.deadline, self._outcome_changes, closes)
        self.wake_at = min([moment for moment in moments if moment is not None and moment > now], default=None)
        return Journey(
            journey_id=self.journey_id,
            customer=self.customer,
            probe=self.probe,
            started_at=first.time,
            ended_at=last.time,
            status="open" if now < closes else "closed",
            outcome=self._outcome,
            events=len(self.steps.all),
            sessions=last.session + 1,
            channels=self._channels,
            sources=self._sources,
            furthest_stage=self._furthest,
            seconds_to_buy=(stages["buy"] - first.time) / 1000 if "buy" in stages else None,
            order_value=value.ordered,
            currency=value.currency,
            friction_score=self._investigation.score,
            value_at_risk=value.unconverted + (value.ordered if severe else 0.0),
            at_risk=value.whole if severe else value.baskets,
            first_event=self._first_event,
            last_touchpoint=last.touchpoint.touchpoint,
            stages=tuple(stages.items()),
        )


def _friction(friction_id: str, finding: Finding, journey: Journey, evidence_limit: int) -> Friction:
    step = finding.step
    proof = sorted(finding.evidence, key=_position)
    return Friction(
        friction_id=friction_id,
        kind=finding.kind,
        severity=finding.severity,
        time=finding.time,
        customer=journey.customer,
        journey_id=journey.journey_id,
        touchpoint=step.touchpoint.touchpoint,
        owner=step.touchpoint.owner,
        channel=step.event.channel,
        evidence=tuple(dict.fromkeys([occurrence.event.id for occurrence in proof]))[:evidence_limit],
        cause=finding.cause,
        probe=journey.probe,
    )
