"""Batches are drained from what was fetched, in the order of time where that is asked for."""

import gc
import weakref

import pytest
from aiokafka.consumer.fetcher import FetchError
from aiokafka.errors import TopicAuthorizationFailedError
from faust.types import TP

from agents.transport.batch import BatchLimits, RecordBatch
from agents.transport.time_order import OVERDUE_MS, PATIENCE_SECONDS
from tests.unit.agents.transport.brokers import Brokers

WEB, STORE, MAIL = TP("touchpoints.web", 0), TP("touchpoints.store", 0), TP("touchline.mail", 0)
ORDERED = {WEB.topic, STORE.topic}
FINE = BatchLimits(records=1, ordered_records=2)


def offsets(drained: dict[TP, list[RecordBatch]]) -> dict[TP, list[list[int]]]:
    return {place: [[record.offset for record in one.records] for one in batches] for place, batches in drained.items()}


class Time:
    """A steady clock that is set by hand."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        patched.setattr("agents.transport.fetching.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


async def test_a_small_topic_does_not_run_ahead_of_a_large_one() -> None:
    brokers = Brokers({WEB: [10, 20, 30, 40, 50], STORE: [25, 45]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert [offsets(brokers.drain()) for _ in range(3)] == [
        {WEB: [[0, 1]]},
        {WEB: [[2, 3]], STORE: [[0]]},
        {WEB: [[4]], STORE: [[1]]},
    ]


async def test_other_topics_are_taken_as_they_come() -> None:
    brokers = Brokers({WEB: [10, 20, 30], MAIL: [90, 95]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(MAIL)
    assert offsets(brokers.drain()) == {WEB: [[0, 1]], MAIL: [[0]]}


async def test_records_that_were_not_fetched_yet_are_waited_for_but_not_for_ever(clock: Time) -> None:
    brokers = Brokers({WEB: [10, 20, 30], STORE: [25, 45]}, ORDERED, FINE)
    brokers.fetch(WEB, 1)
    brokers.fetch(STORE)
    assert offsets(brokers.drain()) == {WEB: [[0]]}
    assert brokers.drain() == {}
    clock.now += PATIENCE_SECONDS
    assert offsets(brokers.drain()) == {STORE: [[0, 1]]}


async def test_less_than_a_batch_that_was_not_fetched_yet_is_not_waited_for() -> None:
    brokers = Brokers({WEB: [10, 20, 30], STORE: [25, 45]}, ORDERED, FINE)
    brokers.fetch(WEB, 2)
    brokers.fetch(STORE)
    brokers.state(WEB).highwater = 3
    assert offsets(brokers.drain({WEB})) == {WEB: [[0, 1]]}
    assert offsets(brokers.drain({STORE})) == {STORE: [[0, 1]]}
    assert brokers.drain({STORE}) == {}
    assert not brokers.thread.is_behind


async def test_a_partition_without_room_in_its_buffer_holds_the_others_up_for_a_while(clock: Time) -> None:
    brokers = Brokers({WEB: [10, 20, 30], STORE: [25, 45]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert brokers.drain({STORE}) == {}
    clock.now += PATIENCE_SECONDS
    assert offsets(brokers.drain({STORE})) == {STORE: [[0, 1]]}


async def test_records_of_the_future_are_held_up_for_a_while_and_then_read_little_by_little(clock: Time) -> None:
    future = [10**9, 10**9 + 1, 10**9 + OVERDUE_MS, 10**9 + OVERDUE_MS + 1]
    brokers = Brokers({WEB: list(range(100)), STORE: future}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert offsets(brokers.drain()) == {WEB: [[0, 1]]}
    clock.now += PATIENCE_SECONDS
    assert offsets(brokers.drain()) == {WEB: [[2, 3]], STORE: [[0, 1]]}
    assert offsets(brokers.drain()) == {WEB: [[4, 5]], STORE: [[2]]}
    assert offsets(brokers.drain()) == {WEB: [[6, 7]]}


async def test_whether_it_is_behind() -> None:
    brokers = Brokers({WEB: [10, 20, 30]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.drain()
    assert brokers.thread.is_behind
    brokers.drain()
    assert not brokers.thread.is_behind


async def test_it_is_not_behind_for_ever_if_a_broker_is_away(clock: Time) -> None:
    brokers = Brokers({WEB: [10, 20]}, ORDERED, FINE)
    brokers.state(WEB).highwater = 2
    brokers.drain()
    assert brokers.thread.is_behind
    clock.now += PATIENCE_SECONDS
    brokers.drain()
    assert not brokers.thread.is_behind


async def test_an_error_of_one_partition_costs_the_others_nothing() -> None:
    brokers = Brokers({WEB: [10, 20, 30], STORE: [80, 90]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert offsets(brokers.drain()) == {WEB: [[0, 1]]}  # those of the store are unpacked, and held up
    brokers.fail(MAIL, FetchError(error=TopicAuthorizationFailedError(MAIL.topic), backoff=0))
    with pytest.raises(TopicAuthorizationFailedError):
        brokers.drain({WEB, STORE, MAIL})
    assert offsets(brokers.drain()) == {WEB: [[2]], STORE: [[0, 1]]}


async def test_after_a_seek_what_was_fetched_and_unpacked_is_void() -> None:
    brokers = Brokers({WEB: [10, 20, 30], STORE: [80, 90]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert offsets(brokers.drain()) == {WEB: [[0, 1]]}
    brokers.seek(WEB, 1)
    brokers.seek(STORE, 1)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    assert offsets(brokers.drain()) == {WEB: [[1, 2]]}
    assert offsets(brokers.drain()) == {STORE: [[1]]}


async def test_what_a_seek_overtakes_is_void() -> None:
    brokers = Brokers({WEB: [10, 20, 30, 40]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.state(WEB).seek(1)
    assert brokers.drain() == {}


async def test_after_an_assignment_what_was_fetched_and_unpacked_is_void() -> None:
    brokers = Brokers({WEB: [10, 20, 30, 40], STORE: [10]}, ORDERED, FINE)
    brokers.fetch(WEB)
    brokers.fetch(STORE)
    (first,) = brokers.drain()[WEB]
    brokers.assign([WEB])
    assert brokers.drain() == {}
    brokers.fetch(WEB)
    (again,) = brokers.drain()[WEB]
    assert (first.start, again.start, again.assignment - first.assignment) == (0, 0, 1)


async def test_after_an_assignment_records_are_waited_for_again(clock: Time) -> None:
    brokers = Brokers({WEB: [10], STORE: [20, 30, 40]}, ORDERED, FINE)

    def drain_without_web() -> dict[TP, list[list[int]]]:
        brokers.state(WEB).highwater = 2
        brokers.fetch(STORE)
        return offsets(brokers.drain())

    assert drain_without_web() == {}
    clock.now += PATIENCE_SECONDS
    assert drain_without_web() == {STORE: [[0, 1]]}
    brokers.assign([WEB, STORE])
    assert drain_without_web() == {}  # what was fetched before is void
    assert drain_without_web() == {}


async def test_what_waits_is_bounded_in_bytes() -> None:
    brokers = Brokers({WEB: [10, 20, 30, 40]}, ORDERED, BatchLimits(records=1, bytes=2))
    brokers.fetch(WEB)
    for _ in range(3):
        assert brokers.drain(active=[]) == {}
    assert offsets(brokers.drain()) == {WEB: [[0, 1]]}


@pytest.mark.parametrize("topic", [WEB, MAIL])
async def test_what_was_fetched_is_gone_as_soon_as_it_is_used_up(topic: TP) -> None:
    brokers = Brokers({topic: [10, 20, 30]}, ORDERED, FINE)
    brokers.fetch(topic)
    fetched = weakref.ref(brokers.fetched(topic))
    gc.disable()  # megabytes each, and workers seldom search for reference cycles
    try:
        while brokers.drain():
            pass
        assert brokers.state(topic).position == 3
        assert fetched() is None
    finally:
        gc.enable()


async def test_a_refused_fetch_is_raised_once_whatever_else_was_fetched() -> None:
    brokers = Brokers({WEB: [10], MAIL: [10]}, ORDERED, FINE)
    brokers.fetch(MAIL)
    brokers.fail(WEB, FetchError(error=TopicAuthorizationFailedError(WEB.topic), backoff=0))
    with pytest.raises(TopicAuthorizationFailedError):
        brokers.drain()
    brokers.fetch(WEB)
    assert offsets(brokers.drain()) == {WEB: [[0]], MAIL: [[0]]}
