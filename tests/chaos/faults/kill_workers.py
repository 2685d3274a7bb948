"""Workers killed outright."""

import signal
from random import Random

from tests.chaos.fault import Fault
from tests.chaos.site import Site


class KillWorkers(Fault):
    """`kill -9` of a random worker; its keeper starts it again."""

    name = "kill-workers"
    summary = "kill -9 of a random worker every 5 to 15 s"
    times = 50
    seconds = 0.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill one that runs."""
        chance.choice([worker for worker in site.workers if worker.running]).send_signal(signal.SIGKILL)
