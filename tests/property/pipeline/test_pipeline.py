"""Whatever the order, the duplicates, the workers and the crashes: the tables are those of the offline answer."""

from functools import cache
from random import Random

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.topics import raw_topic_of
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.identity.policy import IdentityPolicy
from pipeline.journeys.rules import Rules
from pipeline.simulator.simulate import simulate
from tests.property.identity.scenarios import event_set, policy_of
from tests.property.pipeline.expected import expected_tables, stored_tables
from tests.property.pipeline.world import Trouble, World

NOW = 1_772_600_000_000
HOUR = 3_600_000
CALM = Trouble()
ROUGH = Trouble(crash=0.2, rebalance=0.1)
FORGETFUL = Trouble(crash=0.1, rebalance=0.05, cache_bytes=20_000)
"""A cache of a few mailboxes: nearly everything is loaded again for every batch."""
RULES = Rules.of()
SEEDS = st.integers(0, 2**32)


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(schema_directories())


def check(events: list[Event], identity: IdentityPolicy, random: Random, trouble: Trouble, workers: int = 2) -> World:
    touchpoints = catalogue().touchpoints
    world = World(random, touchpoints, identity, RULES, trouble, workers=workers, now=NOW)
    shuffled = [*events, *random.sample(events, len(events) // 5)]
    random.shuffle(shuffled)
    world.run(shuffled)
    expected = expected_tables(events, touchpoints, identity, RULES, NOW)
    for ours, theirs in zip(stored_tables(world.store), expected, strict=True):
        assert ours == theirs
    return world


@given(seed=SEEDS)
@settings(max_examples=150)
def test_identity_trouble_ends_in_the_offline_tables(seed: int) -> None:
    random = Random(seed)
    policy = policy_of(random)
    trouble = random.choice([CALM, ROUGH, FORGETFUL])
    check(event_set(random), policy, random, trouble, workers=random.choice([1, 2, 3]))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_a_retailers_hours_end_in_the_offline_tables(seed: int) -> None:
    random = Random(seed)
    check(retail_events(seed), IdentityPolicy(), random, random.choice([ROUGH, FORGETFUL]))


def test_crashes_happen_at_all() -> None:
    world = check(retail_events(1), IdentityPolicy(), Random(1), Trouble(crash=0.5, rebalance=0.2))
    assert world.crashes > 10


def retail_events(seed: int) -> list[Event]:
    intake = Intake(catalogue(), IdentityPolicy(), IntakePolicy(), b"secret")
    start = NOW - 30 * HOUR
    events = []
    for offset, simulated in enumerate(simulate(seed, 12, start, 10 * HOUR)):
        event = simulated.event
        topic = raw_topic_of(str(event["type"]))
        record = Record(topic, 0, offset, simulated.deliver_at, orjson.dumps(event))
        events += intake.take(record, NOW)
    accepted = [event for event in events if isinstance(event, Event)]
    assert len(accepted) == len(events) > 50
    return accepted
