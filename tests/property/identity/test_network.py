"""Whatever goes wrong in the network, every event ends where the definitions place it."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.events.event import Event
from pipeline.identity.policy import IdentityPolicy
from tests.property.identity.check import check
from tests.property.identity.network import Network
from tests.property.identity.oracle import Oracle
from tests.property.identity.runner import case
from tests.property.identity.scenarios import LOOSE, NAMESPACES, TIGHT, event_set, policy_of, touchpoint


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Sets of events that Hypothesis can make smaller when they fail."""
    identifier_sets = st.dictionaries(st.sampled_from(NAMESPACES), st.integers(0, 2), min_size=1, max_size=4)
    found = draw(st.lists(st.tuples(st.integers(0, 60), identifier_sets, st.integers(0, 1)), min_size=1, max_size=14))
    return [
        touchpoint(number, time, [f"{name}:{values[name]}" for name in NAMESPACES if name in values], digest)
        for number, (time, values, digest) in enumerate(found)
    ]


@pytest.mark.parametrize("first", range(0, 2400, 400))
def test_random_networks_agree_with_the_definitions(first: int) -> None:
    for seed in range(first, first + 400):
        case(seed)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(events(), st.sampled_from([TIGHT, LOOSE]), st.integers(0, 10_000))
def test_small_networks_agree_with_the_definitions(found: list[Event], policy: IdentityPolicy, seed: int) -> None:
    network = Network(Random(seed), policy)
    network.run(found)
    check(network, Oracle(found, policy), policy)


def test_a_calm_network_needs_nothing_that_is_there_for_crashes() -> None:
    for seed in range(300):
        random = Random(seed)
        policy = policy_of(random)
        found = event_set(random)
        network = Network(random, policy, calm=True, resumes=False)
        network.run(found)
        check(network, Oracle(found, policy), policy)


def test_the_order_of_arrival_changes_nothing() -> None:
    for seed in range(60):
        random = Random(seed)
        policy = policy_of(random)
        found = event_set(random, largest=12)
        answers = []
        for order in range(8):
            network = Network(Random(order), policy)
            network.run(random.sample(found, len(found)))
            answers.append(network.placed())
        assert all(answer == answers[0] for answer in answers)
