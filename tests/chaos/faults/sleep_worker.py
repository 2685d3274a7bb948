"""A worker that sleeps while the group goes on without it."""

from random import Random

from tests.chaos.fault import Fault
from tests.chaos.signals import stopped
from tests.chaos.site import Site


class SleepWorker(Fault):
    """SIGSTOP for longer than the session timeout, then SIGCONT: the successor's rows must win."""

    name = "sleeping-worker"
    summary = "a worker stopped for 25 s (SIGSTOP, its session lasts 8 s) and continued"
    times = 5
    seconds = 25.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Once all workers are ready (the last one to sleep may be restarting), stop one, and continue it later."""
        for worker in site.workers:
            worker.wait_until_ready()
        worker = chance.choice(site.workers)
        others = [other for other in site.workers if other is not worker]
        assert worker.running_id is not None
        before = sum(other.took_over for other in others)
        with stopped(worker.running_id):
            self.last()
            assert sum(other.took_over for other in others) > before, "nobody took over from the worker that slept"
