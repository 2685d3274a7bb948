"""Ctrl-C in mid-stream, and up again: nothing lost, nothing double."""

from pathlib import Path

import pytest

from pipeline.simulator.simulate import simulate
from tests.end_to_end.steady import SteadyProducer
from tests.end_to_end.stored import SECRET, assert_each_stored_once
from tests.servers.stack import StackProcess

START = 1_772_323_200_000
NOW = START + 24 * 3_600_000


@pytest.mark.stack
@pytest.mark.timeout(600)
def test_a_stop_in_mid_stream_loses_and_doubles_nothing(tmp_path: Path) -> None:
    events = [one.event for one in simulate(seed=7, people=400, start_ms=START)]
    with StackProcess(tmp_path / "data", settings={"SECRET": SECRET}) as stack:
        producer = SteadyProducer(stack.servers, events, per_second=1_000)
        producer.start()
        for part in (1, 2):
            producer.wait_for(part * len(events) // 3)
            assert stack.stop() == 0, stack.output()
            assert producer.is_alive()
            stack.start()
        producer.wait_for(len(events))
        producer.join()
        stack.settle()
        assert stack.output().count("everything that was accepted is stored") == 2
        assert_each_stored_once(stack, events, NOW)
