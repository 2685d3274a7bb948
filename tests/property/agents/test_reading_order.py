"""Each record is taken once, those of a partition in their order, and all in that of time."""

import asyncio

import hypothesis.strategies as st
from faust.types import TP
from hypothesis import given

from agents.transport.batch import BatchLimits, RecordBatch
from tests.unit.agents.transport.brokers import Brokers

ORDERED, OTHER = "touchpoints.web", "touchline.mail"
places = st.builds(TP, st.sampled_from([ORDERED, OTHER]), st.integers(0, 3))
logs = st.dictionaries(places, st.lists(st.integers(0, 50), max_size=12), min_size=1)
limits = st.builds(
    BatchLimits, records=st.integers(1, 20), ordered_records=st.integers(1, 5), bytes=st.sampled_from([1, 4, 10**6])
)


@given(logs, limits, st.data())
def test_nothing_is_lost_or_doubled_however_it_is_fetched(
    times: dict[TP, list[int]], limits: BatchLimits, data: st.DataObject
) -> None:
    async def read() -> None:
        brokers, places = Brokers(times, {ORDERED}, limits), sorted(times)
        taken: dict[TP, list[RecordBatch]] = {place: [] for place in places}
        for _ in range(data.draw(st.integers(0, 8))):
            brokers.fetch(data.draw(st.sampled_from(places)), data.draw(st.integers(1, 12)))
            _add(taken, brokers.drain(data.draw(st.sets(st.sampled_from(places)))))
        while any(brokers.state(place).position < len(times[place]) for place in places):
            for place in places:
                brokers.fetch(place)
            _add(taken, brokers.drain())
        for place, batches in taken.items():
            assert [record.offset for one in batches for record in one.records] == list(range(len(times[place])))
            ends = [0, *(one.end for one in batches)]
            assert [one.start for one in batches] == ends[:-1]
            assert ends[-1] == brokers.state(place).position

    asyncio.run(read())


def _add(taken: dict[TP, list[RecordBatch]], drained: dict[TP, list[RecordBatch]]) -> None:
    for place, batches in drained.items():
        taken[place] += batches


@given(logs, st.integers(1, 5))
def test_no_step_goes_back_in_time(times: dict[TP, list[int]], fineness: int) -> None:
    async def read() -> None:
        in_time = {TP(ORDERED, number): sorted(found) for number, found in enumerate(times.values())}
        brokers = Brokers(in_time, {ORDERED}, BatchLimits(ordered_records=fineness))
        for place in in_time:
            brokers.fetch(place)
        reached = -1
        while step := brokers.drain():
            found = [record.timestamp for batches in step.values() for one in batches for record in one.records]
            assert min(found) >= reached
            reached = max(found)
        assert all(brokers.state(place).position == len(found) for place, found in in_time.items())

    asyncio.run(read())
