"""The scenarios of every kind of friction on a running stack: the same frictions in any order, each counted once."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from pipeline.frictions.friction import Friction
from pipeline.stitching.changes import DetectedFriction
from tests.scenarios.copy import Copy
from tests.scenarios.counters import Labels, counted, labels_of
from tests.scenarios.pipeline import OfflinePipeline
from tests.scenarios.scenario import DEADLINE_KINDS, Scenario, Sent, load_all, moment
from tests.servers.metrics import exposition
from tests.servers.stack import StackProcess
from tests.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600)]

SCENARIOS = [scenario for many in load_all().values() for scenario in many]
AGO = 5 * 60_000
"""Scenarios that are over ended so long ago, in milliseconds."""
PATIENCE = 15 * 60_000
"""For so long it would make no difference when they are sent."""
COUNTED_SECONDS = 90.0
"""A withdrawal is counted half a minute after touchpoints left a customer: they may arrive at another."""
MOST_PASSING = 0.02
"""The share of frictions that may come and go otherwise than expected: an event's touchpoint and its links are mail to
different partitions, and a busy worker may take in one after the other."""
AHEAD = 20_000
"""Deadlines that are watched pass so many milliseconds after their events are sent."""
FOUND_WITHIN = 10_000
"""What is promised of deadlines, in milliseconds."""


Counts = tuple[Counter[Labels], Counter[str]]
"""Frictions raised by labels, and withdrawn by kind."""
Rows = dict[str, list[DetectedFriction]]
"""By the mark of the copy."""
_QUERY = """
SELECT {columns}, toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(detected_at)
FROM frictions WHERE position(customer, '~') > 0
"""


class Sending(NamedTuple):
    """A copy of a scenario, and the order in which its events are sent."""

    copy: Copy
    events: Sequence[Sent]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with StackProcess(tmp_path_factory.mktemp("scenarios") / "data") as process:
        yield process


def test_any_order_ends_in_the_frictions_of_the_files_each_counted_once(stack: StackProcess) -> None:
    now = _now()
    sendings = [sending for number, scenario in enumerate(SCENARIOS) for sending in _orders(scenario, number, now)]
    # One event of each copy at a time: so it is known which frictions come and go on the way.
    for events in zip_longest(*([copy.event(sent) for sent in sent_of_copy] for copy, sent_of_copy in sendings)):
        stack.send(event for event in events if event is not None)
        stack.settle()
    rows = _frictions(stack)
    found = {copy.mark: copy.found(rows[copy.mark]) for copy, _ in sendings}
    assert found == {copy.mark: copy.expected(copy.scenario.frictions) for copy, _ in sendings}

    expected = asyncio.run(_expected_counts(sendings, now))
    assert expected == asyncio.run(_expected_counts(sendings, now + PATIENCE))
    held = Counter(one.kind for own in found.values() for one in own)
    assert _kinds(expected[0]) == held + expected[1]
    eventually(lambda: _kinds(_counters(stack)[0]) == held + _counters(stack)[1], COUNTED_SECONDS)
    raised, withdrawn = _counters(stack)
    assert _kinds(raised) == held + withdrawn
    passing = (raised - expected[0]) + (expected[0] - raised)
    assert passing.total() <= MOST_PASSING * raised.total()


def test_deadlines_pass_on_the_clock_of_the_running_stack(stack: StackProcess) -> None:
    due = _now() + AHEAD
    watched = [
        _Watched(scenario, due, f"watched-{number}")
        for number, scenario in enumerate(SCENARIOS)
        if scenario.clocks and scenario.starts == "at any time"
    ]
    stack.send(event for one in watched for event in one.before)
    stack.settle()
    sent_at = _now()
    expected = [one.holds for one in watched]
    time.sleep(max(0, due - _now()) / 1000)
    eventually(lambda: _holding(stack, watched) == expected, FOUND_WITHIN / 1000)
    assert _holding(stack, watched) == expected
    rows = _frictions(stack)
    passed = [row for one in watched for row in rows[one.copy.mark] if row.friction.time > sent_at]
    assert {row.friction.kind for row in passed} >= set(DEADLINE_KINDS)
    assert all(0 < row.detected_at - row.friction.time < FOUND_WITHIN for row in passed)

    stack.send(event for one in watched for event in one.after)
    stack.settle()
    rows = _frictions(stack)
    found = {one.copy.mark: one.copy.found(rows[one.copy.mark]) for one in watched}
    assert found == {one.copy.mark: one.copy.expected(one.copy.scenario.frictions) for one in watched}


class _Watched:
    """A copy of a scenario whose clock reaches the last moment that it states while the stack runs."""

    def __init__(self, scenario: Scenario, due: int, mark: str) -> None:
        last = scenario.clocks[-1]
        place = scenario.steps.index(last)
        self.copy = Copy(scenario, due + scenario.end - moment(last), mark)
        self.holds = list(last.holds)
        self.before = [self.copy.event(step) for step in scenario.steps[:place] if isinstance(step, Sent)]
        self.after = [self.copy.event(step) for step in scenario.steps[place:] if isinstance(step, Sent)]


def _holding(stack: StackProcess, watched: Sequence[_Watched]) -> list[list[str]]:
    rows = _frictions(stack)
    return [[found.kind for found in one.copy.found(rows[one.copy.mark])] for one in watched]


def _orders(scenario: Scenario, number: int, now: int) -> Iterator[Sending]:
    random = Random(number)
    sent = scenario.sent
    shuffled = random.sample(sent, len(sent))
    for order, events in (("forwards", sent), ("backwards", sent[::-1]), ("shuffled", shuffled)):
        yield Sending(Copy(scenario, now - AGO, f"{order}-{number}"), events)


async def _expected_counts(sendings: Sequence[Sending], now: int) -> Counts:
    """What is raised and withdrawn if the clock stands at `now` and each event is done before the next is sent."""
    raised: Counter[Labels] = Counter()
    withdrawn: Counter[str] = Counter()
    for copy, events in sendings:
        pipeline = OfflinePipeline(now)
        await pipeline.start()
        for sent in events:
            await pipeline.send([copy.event(sent)])
        raised.update(labels_of(one.friction) for one in pipeline.raised.values())
        withdrawn.update(one.friction.kind for one in pipeline.withdrawn())
    return raised, withdrawn


def _kinds(raised: Counter[Labels]) -> Counter[str]:
    return Counter(dict(labels)["kind"] for labels in raised.elements())


def _counters(stack: StackProcess) -> Counts:
    (worker,) = stack.worker_urls
    return counted(exposition(worker))


def _frictions(stack: StackProcess) -> Rows:
    """The view of frictions by the mark of the copy that they belong to."""
    columns = list(Friction.__struct_fields__)
    found: Rows = defaultdict(list)
    for *values, time_ms, detected_at in stack.rows(_QUERY.format(columns=", ".join(columns))):
        friction = msgspec.convert({**dict(zip(columns, values, strict=True)), "time": time_ms}, Friction, strict=False)
        found[friction.customer.rpartition("~")[2]].append(DetectedFriction(friction, detected_at))
    return found


def _now() -> int:
    return time.time_ns() // 1_000_000
