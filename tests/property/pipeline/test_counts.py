"""Whatever moves, crashes or is delivered again: workers together count each friction once, and once that it ended."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.policy import IdentityPolicy
from tests.property.identity.scenarios import event_set, policy_of
from tests.property.pipeline.test_pipeline import CALM, FORGETFUL, ROUGH, SEEDS, check, retail_events
from tests.property.pipeline.world import Trouble, World

RESTLESS = Trouble(rebalance=0.2, cache_bytes=20_000)
"""Nobody dies, but partitions move all the time and little is remembered."""


def alive(world: World) -> set[str]:
    return {row.friction.friction_id for row in world.store.frictions()}


def check_counts(world: World) -> None:
    counts = world.counts
    assert alive(world) <= counts.ever
    assert set(counts.raised.values()) <= {1}
    assert set(counts.withdrawn.values()) <= {1}
    assert counts.raised.keys() <= counts.ever
    assert counts.ever - counts.lost <= counts.raised.keys()
    ended = counts.ever - alive(world)
    assert counts.withdrawn.keys() <= ended
    assert ended - counts.lost <= counts.withdrawn.keys()


@given(seed=SEEDS)
@settings(max_examples=60)
def test_identity_trouble_is_counted_once(seed: int) -> None:
    random = Random(seed)
    policy = policy_of(random)
    trouble = random.choice([CALM, ROUGH, FORGETFUL, RESTLESS])
    check_counts(check(event_set(random), policy, random, trouble, workers=random.choice([1, 2, 3])))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=6)
def test_a_retailers_hours_are_counted_once(seed: int) -> None:
    random = Random(seed)
    check_counts(check(retail_events(seed), IdentityPolicy(), random, random.choice([ROUGH, FORGETFUL, RESTLESS])))


def test_without_a_crash_the_counters_are_exact() -> None:
    world = check(retail_events(3), IdentityPolicy(), Random(3), RESTLESS, workers=3)
    assert not world.counts.lost
    assert world.counts.raised.keys() == world.counts.ever
    assert world.counts.withdrawn.keys() == world.counts.ever - alive(world)
    assert len(world.counts.withdrawn) > 3
