"""Periods of belonging follow the timelines of owners, whatever they are."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.memory.identities import identities
from tests.contract.identities import World


@given(st.integers(min_value=0), st.integers(1, 4))
def test_every_period_is_the_one_that_asking_at_each_moment_gives(seed: int, per_namespace: int) -> None:
    world = World(Random(seed), per_namespace)
    found = identities(world.mailboxes, {journey.customer for journey in world.journeys})
    assert [tuple(row) for row in found] == world.expected()


def test_worlds_are_rich_in_trouble() -> None:
    rows = [row for seed in range(20) for row in World(Random(seed), 4).expected()]
    assert sum(row[2] is not None for row in rows) > 300
    assert sum(row[4] for row in rows) > 50
