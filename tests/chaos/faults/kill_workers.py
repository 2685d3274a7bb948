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
    """How many of them were at work, and not just starting."""

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill one; one that is between two lives as soon as it runs."""
        worker = chance.choice(site.workers)
        self.ready += worker.is_ready()
        worker.kill()

    def notes(self) -> tuple[str, ...]:
        """How many kills hit a worker at work."""
        return (f"{self.ready} of {self.strikes} took mail",)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """Kills that hit only workers that were starting show nothing."""
        return () if self.ready else ("no worker that was killed took mail",)
