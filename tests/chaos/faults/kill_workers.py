"""Workers killed outright."""

from random import Random

from tests.chaos.fault import Fault
from tests.chaos.memory import Memory
from tests.chaos.site import Site
from tests.chaos.watch import Watch


class KillWorkers(Fault):
    """`kill -9` of a random worker; its keeper starts it again."""

    name = "kill-workers"
    summary = "kill -9 of a random worker every 5 to 15 s"
    times = 50
    seconds = 0.0

    ready = 0
    """How many of the killed workers were ready, and not just starting."""

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill one; if it is being restarted, as soon as it runs."""
        worker = chance.choice(site.workers)
        self.ready += worker.is_ready()
        worker.kill()

    def notes(self) -> tuple[str, ...]:
        """How many kills hit a worker that was ready."""
        return (f"{self.ready} of {self.strikes} took mail",)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """The run proves nothing if all kills hit workers that were still starting."""
        return () if self.ready else ("no worker that was killed took mail",)
