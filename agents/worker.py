"""Runs a worker's application until it is told to stop or fails."""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from typing import Final, NoReturn

from agents.app import WorkerApp
from agents.failure import Failure

log = logging.getLogger("touchline.worker")

POLL_SECONDS: Final = 0.2
SEARCH_SECONDS: Final = 600.0
"""Time between searches for reference cycles. Events have no cycles and are freed without it: a busy worker leaves a
hundred objects a second for a search, which takes some tenths of a second, as it looks at all mailboxes."""
TRACKED_AT_ONCE: Final = 1_000_000
"""Objects made, beyond those freed, before Python searches for cycles by itself. At 700, the default, searches take a
fifth of a busy worker's time; at 100,000 a twentieth, in pauses of 0.3 s."""
FAILED_STOP_SECONDS: Final = 5.0
"""How long a failed worker may take to end: none of its work counts any more, and it may still hold partitions."""
STOPPED: Final = 0
FAILED: Final = 1


async def run_and_exit(app: WorkerApp, failure: Failure, stop_seconds: float) -> NoReturn:
    """Run as `run` does, then end the process at once.

    Neither a task that resists cancellation nor a client's hanging thread can delay the exit. A worker that has stopped
    but does not exit would never be restarted.
    """
    end(await run(app, failure, stop_seconds))


def end(status: int) -> NoReturn:
    """Flush the log and end the process at once."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def run(app: WorkerApp, failure: Failure, stop_seconds: float) -> int:
    """Run until SIGTERM, SIGINT, a failure of an agent or a crash of Faust; returns the exit status.

    The shutdown is graceful: the worker finishes the batches in hand, commits their offsets and leaves the group. It is
    cut short after `stop_seconds`, or sooner after a failure; the process must then be ended without waiting for
    anything.
    """
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    try:
        await _start(app, told_to_stop)
        await _until(told_to_stop, app, failure)
    except Exception as error:  # of any kind: the broker is away, the port is in use
        failure.report("start", error)
    failed = failure.happened or app.crashed
    if failed and app.crash_reason is not None and not failure.happened:
        failure.report("worker", app.crash_reason)
    if failed:
        return await _stop(app, min(stop_seconds, FAILED_STOP_SECONDS), FAILED)
    return await _stop(app, stop_seconds, STOPPED)


async def _start(app: WorkerApp, told_to_stop: asyncio.Event) -> None:
    """Start, unless told to stop before that is done."""
    app.finalize()
    starting = asyncio.ensure_future(app.start())
    telling = asyncio.ensure_future(told_to_stop.wait())
    await asyncio.wait([starting, telling], return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()
    if not starting.done():
        starting.cancel()
        return
    await starting
    gc.freeze()  # what exists now stays for good
    gc.set_threshold(TRACKED_AT_ONCE)
    log.info("worker started, pages at http://%s:%s", app.conf.web_host, app.conf.web_port)


async def _until(told_to_stop: asyncio.Event, app: WorkerApp, failure: Failure) -> None:
    reasons = [asyncio.ensure_future(told_to_stop.wait()), asyncio.ensure_future(failure.wait())]
    search_at = time.monotonic() + SEARCH_SECONDS
    while not app.crashed:
        done, _ = await asyncio.wait(reasons, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if done:
            break
        if time.monotonic() >= search_at:
            gc.collect()
            search_at = time.monotonic() + SEARCH_SECONDS
    for reason in reasons:
        reason.cancel()
    if failure.happened or app.crashed:
        app.consumer.in_hand_seconds = 0.0  # nothing more is to be acknowledged
    else:
        log.info("worker stopping")


async def _stop(app: WorkerApp, stop_seconds: float, status: int) -> int:
    stopping = asyncio.ensure_future(app.stop())
    # Not `wait_for`, which cancels at its timeout and then waits: a task that resists cancellation could take for ever.
    done, _ = await asyncio.wait({stopping}, timeout=stop_seconds)
    if not done:
        log.error("the worker did not stop within %g s: what was in hand will be repeated", stop_seconds)
        return FAILED
    if error := stopping.exception():
        log.error("stopping failed: %s: %s", type(error).__name__, error)
        return FAILED
    log.info("worker stopped")
    return status
