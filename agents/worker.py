"""Runs a worker's application until it is told to stop or fails."""

import asyncio
import gc
import logging
import os
import signal
import sys
from typing import Final, NoReturn

from agents.app import WorkerApp
from agents.failure import Failure

log = logging.getLogger("touchline.worker")

POLL_SECONDS: Final = 0.2
TRACKED_AT_ONCE: Final = 20_000
"""Objects made before the youngest are searched for reference cycles. What events are made of has none and is freed
without. At 700, Python's own, the search takes a fifth of a busy worker's time: it looks at all mailboxes each time."""
FAILED_STOP_SECONDS: Final = 5.0
"""How long a worker that failed may take to end: nothing of it counts any more, and it may still hold partitions."""
STOPPED: Final = 0
FAILED: Final = 1


async def run_and_exit(app: WorkerApp, failure: Failure, stop_seconds: float) -> NoReturn:
    """Run as `run` does, then end the process at once.

    Nothing that is left can hold it up: not a task that will not be cancelled, not a thread of a client that hangs. A
    worker that has stopped and does not end would never be started afresh.
    """
    end(await run(app, failure, stop_seconds))


def end(status: int) -> NoReturn:
    """End the process, with its log written."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def run(app: WorkerApp, failure: Failure, stop_seconds: float) -> int:
    """Run until SIGTERM, SIGINT, a failure of an agent or a crash of Faust; returns the exit status.

    A stop is graceful: the batches in hand are done, their offsets committed, the group left. After `stop_seconds` it
    is cut short, or sooner after a failure; then the process must be ended without waiting for anything.
    """
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    try:
        await _start(app, told_to_stop)
        await _until(told_to_stop, app, failure)
    except Exception as error:  # whatever Faust could not start for: the broker is away, the port is taken
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
    gc.freeze()  # what is there now stays
    gc.set_threshold(TRACKED_AT_ONCE)
    log.info("worker started, pages at http://%s:%s", app.conf.web_host, app.conf.web_port)


async def _until(told_to_stop: asyncio.Event, app: WorkerApp, failure: Failure) -> None:
    reasons = [asyncio.ensure_future(told_to_stop.wait()), asyncio.ensure_future(failure.wait())]
    while not app.crashed:
        done, _ = await asyncio.wait(reasons, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if done:
            break
    for reason in reasons:
        reason.cancel()
    if failure.happened or app.crashed:
        app.consumer.in_hand_seconds = 0.0  # nothing more is to be acknowledged
    else:
        log.info("worker stops")


async def _stop(app: WorkerApp, stop_seconds: float, status: int) -> int:
    stopping = asyncio.ensure_future(app.stop())
    # Without a cancellation at the end: to wait for what does not want to be cancelled could take for ever.
    done, _ = await asyncio.wait({stopping}, timeout=stop_seconds)
    if not done:
        log.error("the worker did not stop within %g s: what was in hand will be repeated", stop_seconds)
        return FAILED
    if error := stopping.exception():
        log.error("stopping failed: %s: %s", type(error).__name__, error)
        return FAILED
    log.info("worker stopped")
    return status
