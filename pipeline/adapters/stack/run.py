"""Running a stack until it is asked to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from pipeline.adapters.stack.last_resort import call_off, end_within
from pipeline.adapters.stack.notice import Level, Notice, Report
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.stack import Stack
from pipeline.adapters.stack.state import DataDirectoryLock, StackState
from pipeline.adapters.stack.waiting import ended

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARTS_SECONDS = 120.0
"""How long all parts together may take to stop, draining excluded: more than the sum of their own limits."""
AT_ONCE_SECONDS = 30.0
"""How long killing them may take."""

Work = Callable[[Stack, StackState], Awaitable[bool]]
"""What to do once the stack is ready; returns whether to keep it running afterwards."""


class Requests:
    """Requests to stop: the first is for a graceful stop, the second for an immediate one."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()

    def listen(self) -> None:
        """Treat Ctrl-C, SIGTERM and SIGHUP as requests."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_IGN:  # nohup wants it to outlive the terminal
                continue
            loop.add_signal_handler(number, self.request)

    def request(self) -> None:
        """One more request."""
        (self.second if self.first.is_set() else self.first).set()


def run_to_the_end(plan: StackPlan, report: Report, work: Work | None = None) -> bool:
    """Run a stack in an event loop of its own; see `run_stack`.

    Once asked to stop, the process does not outlive the sum of its parts' limits: `end_within` ends it.
    """
    try:
        return asyncio.run(run_stack(plan, report, work))
    finally:
        call_off()


async def run_stack(plan: StackPlan, report: Report, work: Work | None = None) -> bool:
    """Start a stack, do the work, keep it running until it is asked to stop, and stop it.

    Returns:
        Whether everything that was accepted is stored.

    Raises:
        DataDirectoryInUseError: Another stack runs on the data directory.
        PortInUseError, StartError, BinaryMissingError, BrokerUnavailableError, StoreUnavailableError, MigrationError:
            It did not start.
    """
    lock = DataDirectoryLock(plan.data)
    requests = Requests()
    requests.listen()
    stack = Stack(plan, report)
    try:
        running = asyncio.create_task(_serve(stack, lock, work))
        await _first_of(running, requests.first)
        if running.done():
            running.result()
        else:
            report(Notice(Level.INFO, "stopping; Ctrl-C once more stops at once"))
        drain_seconds = plan.settings.embedded.drain_timeout_ms / 1000
        end_within(drain_seconds + PARTS_SECONDS)
        await ended(running)
        return await _stop(stack, drain_seconds, requests, report)
    except BaseException:
        await _kill(stack)
        raise
    finally:
        lock.release()


async def _serve(stack: Stack, lock: DataDirectoryLock, work: Work | None) -> None:
    """Start, publish the addresses, work, and stay unless the work says otherwise."""
    state = await stack.start()
    lock.publish(state)
    if work is None or await work(stack, state):
        await asyncio.Event().wait()


async def _stop(stack: Stack, drain_seconds: float, requests: Requests, report: Report) -> bool:
    if not stack.ready:
        await _kill(stack)
        return True
    stopping = asyncio.create_task(stack.stop(drain_seconds))
    await _first_of(stopping, requests.second)
    if not stopping.done():
        report(Notice(Level.WARNING, "stopping at once"))
        await _kill(stack, stopping)
        return stack.drained
    left = stopping.result()
    if left:
        report(Notice(Level.ERROR, f"not everything that was accepted could be stored: {left}"))
    return not left


async def _kill(stack: Stack, stopping: asyncio.Task[str] | None = None) -> None:
    end_within(AT_ONCE_SECONDS)
    if stopping is not None:
        await ended(stopping)
    await stack.kill()


async def _first_of(task: asyncio.Task[object], event: asyncio.Event) -> None:
    """Wait for the end of a task or for an event, whichever comes first."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    await ended(waiting)
