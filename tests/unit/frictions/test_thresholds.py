"""Every threshold is pinned from both sides: with a slightly other one, a scenario ends differently."""

from collections.abc import Iterator

import msgspec
import pytest

from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.frictions.policy import FrictionPolicy
from pipeline.journeys.fold import fold
from pipeline.journeys.policy import JourneyPolicy
from pipeline.journeys.rules import Rules
from tests.offline import stitch
from tests.scenarios.copy import Copy
from tests.scenarios.pipeline import RULES, accepted, catalogue
from tests.scenarios.scenario import Clock, Scenario, Sent, load_all, moment

NOW = 1_772_323_200_000
NO_THRESHOLD = "cross_channel.cause_limit"
"""How many causes are named decides nothing."""

Stage = tuple[int, dict[str, list[Event]]]
"""The clock, and the events by customer."""


def changed(policy: msgspec.Struct, path: str = "") -> Iterator[tuple[str, msgspec.Struct]]:
    """The policy with one number a little larger or smaller."""
    for name in policy.__struct_fields__:
        for at, other in _changed(getattr(policy, name), f"{path}{name}"):
            yield at, msgspec.structs.replace(policy, **{name: other})


def _changed(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, msgspec.Struct):
        yield from changed(value, f"{path}.")
    elif isinstance(value, dict):
        for key, own in value.items():
            yield from ((at, {**value, key: other}) for at, other in _changed(own, f"{path}.{key}"))
    elif isinstance(value, int | float):
        little = 0.01 if value < 1 else 1
        yield f"{path} +", value + little
        yield f"{path} -", value - little


def _rules(policy: FrictionPolicy, abandon_after_ms: int = JourneyPolicy().abandon_after_ms) -> Rules:
    return Rules.of(JourneyPolicy(abandon_after_ms=abandon_after_ms), policy)


OTHER_RULES = {
    **{at: _rules(msgspec.convert(other, FrictionPolicy)) for at, other in changed(FrictionPolicy())},
    "abandon_after_ms +": _rules(FrictionPolicy(), JourneyPolicy().abandon_after_ms + 1),
    "abandon_after_ms -": _rules(FrictionPolicy(), JourneyPolicy().abandon_after_ms - 1),
}


@pytest.fixture(scope="module")
def stages() -> list[tuple[Stage, list[Friction]]]:
    """Each moment at which a scenario says what holds, and what does."""
    scenarios = (scenario for many in load_all().values() for scenario in many)
    return [(stage, _found(stage, RULES)) for scenario in scenarios for stage in _stages(scenario)]


def _stages(scenario: Scenario) -> Iterator[Stage]:
    copy = Copy(scenario, NOW, "")
    events: list[Event] = []
    for step in scenario.steps:
        if isinstance(step, Clock):
            yield copy.start + moment(step), stitch(events)
        elif isinstance(step, Sent):
            events.append(accepted(copy.event(step), NOW))
    yield NOW, stitch(events)


def _found(stage: Stage, rules: Rules) -> list[Friction]:
    now, by_customer = stage
    folds = (fold(name, own, now, catalogue().touchpoints, rules) for name, own in by_customer.items())
    return [friction for folded in folds for friction in folded.frictions]


@pytest.mark.parametrize("other", [at for at in OTHER_RULES if not at.startswith(NO_THRESHOLD)])
def test_a_threshold_that_is_a_little_other_changes_a_scenario(
    other: str, stages: list[tuple[Stage, list[Friction]]]
) -> None:
    assert any(_found(stage, OTHER_RULES[other]) != found for stage, found in stages)
