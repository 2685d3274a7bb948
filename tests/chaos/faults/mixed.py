"""A few of the most common faults, for continuous integration."""

from random import Random

from tests.chaos.fault import Fault
from tests.chaos.faults.kill_brokers import KillBrokers
from tests.chaos.faults.kill_workers import KillWorkers
from tests.chaos.site import Site


class Mixed(Fault):
    """Kills workers, and a broker in between."""

    name = "mixed"
    summary = "kill -9 of workers and of a broker"
    times = 3
    seconds = 5.0

    def rest(self, chance: Random) -> float:
        """A short time."""
        return chance.uniform(2, 4)

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill a broker in the middle strike, a worker in all others."""
        kind = KillBrokers if number == self.strikes // 2 else KillWorkers
        kind(seconds=self.duration).strike(site, chance, number)
