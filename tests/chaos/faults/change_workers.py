"""Workers that come and go while identities merge."""

from random import Random

from tests.chaos.fault import Fault
from tests.chaos.site import Site
from tests.chaos.workers import STOPPED


class ChangeWorkers(Fault):
    """One worker more, then one less: rebalances in the middle of recalls."""

    name = "change-workers"
    summary = "a worker added, and a random one stopped gracefully, again and again"
    times = 10
    seconds = 5.0
    spares_workers = True

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Add one, and stop any one of all."""
        site.new_worker().wait_until_ready()
        self.last()
        worker = chance.choice([worker for worker in site.workers if worker.running])
        status = worker.stop()
        assert status in STOPPED, f"worker {worker.index} was stopped and ended with status {status}"
        self.last()
