"""ClickHouse takes nothing, or does not answer, while events come: nothing is lost, memory stays, metrics say so."""

import os
import signal
import time
from pathlib import Path

import pytest

from pipeline.adapters.stack.child import resident_bytes
from tests.end_to_end.events import Event, event
from tests.end_to_end.stored import SECRET, assert_each_stored_once
from tests.servers.processes import command_line
from tests.servers.stack import StackProcess
from tests.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(400)]

COUNT = 40_000
TEXT = 4_000
"""Characters of each event: all events together, 160 MB, are far more than a worker may take on."""
MOST_MIB = 60
"""By how much the worker's resident memory may grow meanwhile. What it buffers is bounded: of the raw topic and of the
mail five batches each and what the broker has answered beyond, 28 MiB; three groups of mail of up to 7 MiB, of which
the two in work exist unpacked and as columns: 35 MiB."""
SECONDS = 90.0


def test_an_outage_delays_and_loses_nothing(tmp_path: Path) -> None:
    events = [view(number) for number in range(COUNT)]
    with StackProcess(tmp_path / "data", settings={"SECRET": SECRET}) as stack:
        stack.send(events[:1])
        stack.settle()
        (worker,) = stack.worker_process_ids()
        before = resident_mib(worker)

        overload(stack, True)
        stack.send(events[1 : COUNT // 2])
        assert eventually(lambda: stack.counted("touchline_sink_errors_total", table="touchpoint_rows") >= 2, SECONDS)
        endpoint = endpoint_process_id(stack)
        os.kill(endpoint, signal.SIGSTOP)
        stack.send(events[COUNT // 2 :])
        peak = peak_mib(worker, seconds=5.0)
        assert stack.counted("touchline_consumer_lag") > 0
        os.kill(endpoint, signal.SIGCONT)
        overload(stack, False)

        stack.settle()
        print(f"resident memory of the worker: {before:.0f} MiB before, {peak:.0f} MiB at most")
        assert peak - before < MOST_MIB
        assert stack.worker_process_ids() == [worker], "an outage ends no worker"
        assert_each_stored_once(stack, events, time.time_ns() // 1_000_000)


def view(number: int) -> Event:
    visitor = {"anonymous_id": f"visitor-{number % 2_000}"}
    return event("web.page_viewed", f"view-{number}", "2026-03-01T10:00:00Z", visitor, url="/p", text="x" * TEXT)


def overload(stack: StackProcess, on: bool) -> None:
    """Let the table refuse every insert for having too many parts, or not any more."""
    client = stack.client()
    setting = "MODIFY SETTING parts_to_throw_insert = 1" if on else "RESET SETTING parts_to_throw_insert"
    client.command(f"ALTER TABLE touchpoint_rows {setting}")
    client.close()


def endpoint_process_id(stack: StackProcess) -> int:
    (found,) = [number for number in stack.process_ids() if "clickhouse.endpoint" in command_line(number)]
    return found


def resident_mib(process_id: int) -> float:
    return resident_bytes(process_id) / 2**20


def peak_mib(process_id: int, seconds: float) -> float:
    peak, deadline = 0.0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        peak = max(peak, resident_mib(process_id))
        time.sleep(0.1)
    return peak
