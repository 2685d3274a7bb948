"""The workers of a stack, started and stopped together."""

import asyncio

from pipeline.adapters.stack.child import Child
from pipeline.adapters.stack.kept import KeptChild
from pipeline.adapters.stack.notice import Report
from pipeline.adapters.stack.plan import StackPlan, worker_url
from pipeline.adapters.stack.probes import http_probe
from pipeline.adapters.stack.waiting import all_of

READY_SECONDS = 60.0
STOP_SECONDS = 20.0


class Workers:
    """All workers on one broker."""

    def __init__(self, plan: StackPlan, report: Report) -> None:
        self._plan = plan
        self._report = report
        self._kept: list[KeptChild] = []

    async def start(self, broker: str) -> None:
        """Start all on a broker and wait until each is ready.

        Raises:
            StartError: One did not become ready.
        """
        self._kept = [self._worker(index, broker) for index in range(self._plan.settings.workers)]
        await all_of(*(kept.start() for kept in self._kept))

    async def move(self, broker: str) -> None:
        """Stop all, and start them on another broker; one that does not become ready is reported and tried again."""
        await self.stop()
        self._kept = [self._worker(index, broker) for index in range(self._plan.settings.workers)]
        await all_of(*(kept.start_patiently() for kept in self._kept))

    async def stop(self) -> None:
        """Let all finish their current batches and end."""
        await asyncio.gather(*(kept.stop(STOP_SECONDS) for kept in self._kept))

    async def kill(self) -> None:
        """Kill all."""
        await asyncio.gather(*(kept.kill() for kept in self._kept))

    def _worker(self, index: int, broker: str) -> KeptChild:
        plan = self._plan
        name = f"worker-{index}"
        environment = plan.worker_environment(broker)
        child = Child(name, plan.worker_command(index), environment, plan.log(name))
        probe = http_probe(f"{worker_url(plan.settings, index)}/readyz")
        return KeptChild(child, probe, self._report, READY_SECONDS)
