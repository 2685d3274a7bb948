"""The embedded broker drained and renewed under load: nothing lost, nothing double, and its memory stays small."""

import os
import signal
from pathlib import Path
from random import Random

import pytest

from pipeline.adapters.stack.child import resident_bytes
from pipeline.simulator.simulate import simulate
from tests.end_to_end.events import Event, event
from tests.end_to_end.steady import SteadyProducer
from tests.end_to_end.stored import SECRET, assert_each_stored_once
from tests.observing import Observer
from tests.servers.stack import StackProcess
from tests.waiting import eventually

START = 1_772_323_200_000
NOW = START + 24 * 3_600_000
BOUND_MIB = 48
PADDING_BYTES = 4_000
"""Random bytes on each event, which no compression takes away."""
RENEWED = "the embedded broker is renewed"


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_broker_renewed_in_mid_stream_loses_and_doubles_nothing(tmp_path: Path) -> None:
    events = [padded(one.event, Random(number)) for number, one in enumerate(simulate(11, 600, START))]
    settings = {"SECRET": SECRET, "EMBEDDED__BROKER_MEMORY_MIB": str(BOUND_MIB)}
    with StackProcess(tmp_path / "data", settings=settings) as stack, MemoryWatch(stack) as memory:
        producer = SteadyProducer(stack.servers, events, per_second=300)
        producer.start()
        producer.wait_for(len(events), seconds=400)
        producer.join()
        stack.settle()
        assert stack.output().count(RENEWED) >= 2, stack.output()
        assert len(memory.largest) >= 3
        assert_each_stored_once(stack, events, NOW)
    assert max(memory.largest.values()) < 3 * BOUND_MIB, memory.largest


@pytest.mark.stack
@pytest.mark.timeout(240)
def test_a_broker_that_died_is_sent_to_again_and_all_of_it_is_stored(tmp_path: Path) -> None:
    views = [
        event("web.page_viewed", f"{number:02}", "2026-03-01T10:00:00Z", {"anonymous_id": f"a-{number}"}, url="/")
        for number in range(40)
    ]
    with StackProcess(tmp_path / "data", collector=True) as stack:
        assert stack.post(views[:20]) == 202
        stack.settle()
        (broker,) = stack.broker_process_ids()
        os.kill(broker, signal.SIGKILL)
        assert eventually(lambda: "broker runs again" in stack.output(), seconds=60), stack.output()
        assert stack.post(views[20:]) == 202, stack.log("gate")
        stack.settle()
        stored = stack.rows("SELECT event_id FROM touchpoints ORDER BY 1")
        assert [row[0] for row in stored] == [view["id"] for view in views]


def padded(one: Event, rng: Random) -> Event:
    """The same event with much that says nothing."""
    return {**one, "data": {**one["data"], "padding": rng.randbytes(PADDING_BYTES).hex()}}


class MemoryWatch(Observer):
    """Samples the memory of a stack's broker processes."""

    def __init__(self, stack: StackProcess) -> None:
        super().__init__("memory", every_seconds=0.25)
        self.largest: dict[int, float] = {}
        """By process id: MiB."""
        self._stack = stack

    def look(self) -> None:
        """Look at the brokers that run now."""
        for process_id in self._stack.broker_process_ids():
            mebibytes = resident_bytes(process_id) / 1024**2
            self.largest[process_id] = max(self.largest.get(process_id, 0.0), mebibytes)
