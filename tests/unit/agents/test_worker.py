"""The end of a worker process."""

import subprocess
import sys

STUBBORN = """
import asyncio
from types import SimpleNamespace

from agents.failure import Failure
from agents.worker import run_and_exit


async def never_ends():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass


async def main():
    stubborn = asyncio.ensure_future(never_ends())
    failure = Failure()

    async def nothing():
        await asyncio.sleep(0)

    async def stop():
        await {stop}

    app = SimpleNamespace(
        finalize=lambda: None, start=nothing, stop=stop, crashed=False, crash_reason=None,
        conf=SimpleNamespace(web_host="", web_port=0), consumer=SimpleNamespace(),
    )
    failure.report("a test", RuntimeError("unexpected"))
    await run_and_exit(app, failure, {seconds})

asyncio.run(main())
"""
SEARCHING = """
import asyncio
import gc
import sys
import weakref
from types import SimpleNamespace

from agents import worker
from agents.failure import Failure

worker.SEARCH_SECONDS = worker.POLL_SECONDS = 0.01
gc.disable()


class Cycle:
    def __init__(self):
        self.itself = self


async def nothing():
    await asyncio.sleep(0)


async def main():
    failure = Failure()
    app = SimpleNamespace(
        finalize=lambda: None, start=nothing, stop=nothing, crashed=False, crash_reason=None,
        conf=SimpleNamespace(web_host="", web_port=0), consumer=SimpleNamespace(),
    )
    running = asyncio.ensure_future(worker.run(app, failure, 1))
    found = False
    while not found:
        followed = weakref.ref(Cycle())
        await asyncio.sleep(0.1)
        found = followed() is None
    failure.report("a test", RuntimeError("the cycle was found"))
    return await running

sys.exit(asyncio.run(main()))
"""
PATIENCE_SECONDS = 60


def ended(stop: str, seconds: float) -> subprocess.CompletedProcess[str]:
    script = STUBBORN.format(stop=stop, seconds=seconds)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def test_a_task_that_will_not_be_cancelled_does_not_hold_up_the_end() -> None:
    assert ended("nothing()", seconds=30).returncode == 1


def test_a_stop_that_does_not_end_is_cut_short() -> None:
    result = ended("never_ends()", seconds=0.2)
    assert result.returncode == 1
    assert "did not stop within 0.2 s" in result.stderr


def test_a_worker_that_failed_ends_sooner_than_one_that_is_told_to_stop() -> None:
    result = ended("never_ends()", seconds=40)
    assert "did not stop within 5 s" in result.stderr


def test_a_running_worker_searches_for_reference_cycles_now_and_then() -> None:
    result = subprocess.run(
        [sys.executable, "-c", SEARCHING], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert "the cycle was found" in result.stderr
