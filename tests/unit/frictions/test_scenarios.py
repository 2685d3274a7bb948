"""The scenarios of every kind of friction, through the pure pipeline: in order, reversed and shuffled."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

import pytest

from pipeline.settings.duration import parse_duration
from pipeline.stitching.changes import DetectedFriction
from tests.scenarios.copy import Copy, Found
from tests.scenarios.counters import expected_labels, labels_of
from tests.scenarios.pipeline import OfflinePipeline
from tests.scenarios.scenario import Clock, Expected, Scenario, Sent, load_all, moment

SCENARIOS = load_all()
NAMED = [pytest.param(one, id=f"{kind}: {one.name}") for kind, many in SCENARIOS.items() for one in many]
NOW = 1_772_323_200_000 + 123
SEEDS = range(5)
LASTING = 30 * 60_000
"""What holds in the end must hold for a while: a running stack's clock does not stand still."""


def copy_of(scenario: Scenario) -> Copy:
    return Copy(scenario, NOW, "offline")


@pytest.mark.parametrize("scenario", NAMED)
def test_in_order_with_the_clock_that_the_scenario_says(scenario: Scenario) -> None:
    copy = copy_of(scenario)
    pipeline = OfflinePipeline(copy.start)
    played = asyncio.run(play_in_order(copy, pipeline))
    assert copy.found(played) == copy.expected(scenario.frictions)
    assert detection(played, copy) == expected_detection(scenario.frictions)
    assert Counter(labels_of(one.friction) for one in pipeline.raised.values()) == expected_labels(scenario)
    assert copy.found(pipeline.withdrawn(), pipeline.raised.values()) == copy.expected(scenario.withdrawn)
    assert detection(pipeline.withdrawn(), copy) == expected_detection(scenario.withdrawn)


@pytest.mark.parametrize("scenario", NAMED)
def test_in_any_order_with_the_clock_moving_on_in_between(scenario: Scenario) -> None:
    copy = copy_of(scenario)
    expected = copy.expected(scenario.frictions)
    events = scenario.sent
    assert asyncio.run(play_with_pauses(copy, events[::-1], Random(0))) == expected
    for seed in SEEDS:
        random = Random(seed)
        arriving = [*events, *random.sample(events, len(events) // 2)]
        random.shuffle(arriving)
        assert asyncio.run(play_with_pauses(copy, arriving, random)) == expected, f"seed {seed}"


async def play_in_order(copy: Copy, pipeline: OfflinePipeline) -> Sequence[DetectedFriction]:
    """Each event when it happened, or later where the clock has moved on; ends when the answer has lasted."""
    await pipeline.start()
    for step in copy.scenario.steps:
        await pipeline.move_clock(copy.start + moment(step))
        if isinstance(step, Clock):
            holding = [one.kind for one in copy.found(pipeline.frictions())]
            assert holding == list(step.holds), f"after {step.clock}"
        else:
            await pipeline.send([copy.event(step)])
    in_the_end = pipeline.frictions()
    await pipeline.move_clock(copy.ends_at + LASTING)
    assert pipeline.frictions() == in_the_end, "does not last"
    return in_the_end


async def play_with_pauses(copy: Copy, arriving: Sequence[Sent], random: Random) -> list[Found]:
    """Events in any order: none before it happened, with the clock moving on and a restart now and then."""
    pipeline = OfflinePipeline(copy.start)
    await pipeline.start()
    for sent in arriving:
        await pipeline.move_clock(copy.start + moment(sent))
        await pipeline.move_clock(random.randint(pipeline.now, copy.ends_at))
        if random.random() < 0.3:
            await pipeline.start()
        await pipeline.send([copy.event(sent)])
    await pipeline.move_clock(copy.ends_at)
    return copy.found(pipeline.frictions())


def detection(found: Iterable[DetectedFriction], copy: Copy) -> Counter[tuple[str, int]]:
    """When which kind was found, after the start."""
    return Counter((one.friction.kind, one.detected_at - copy.start) for one in found)


def expected_detection(expected: Iterable[Expected]) -> Counter[tuple[str, int]]:
    return Counter((one.kind, parse_duration(one.detected or one.time)) for one in expected)
