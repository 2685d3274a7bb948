"""Brokers killed outright, one after the other."""

from random import Random

from tests.chaos.fault import Fault
from tests.chaos.site import Site


class KillBrokers(Fault):
    """`kill -9` of each broker in turn; it is started again after a while."""

    name = "kill-brokers"
    summary = "kill -9 of each broker in turn, started again after 10 s"
    times = 6
    seconds = 10.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill one, leave it down for a while, and wait until it has rejoined the cluster."""
        broker = site.cluster.brokers[number % len(site.cluster.brokers)]
        broker.kill()
        self.last()
        broker.start()
        site.cluster.wait_until_complete()


class StopTwoBrokers(Fault):
    """Two of three brokers down: nothing can be acknowledged, so all must wait and nothing may be lost."""

    name = "two-brokers-down"
    summary = "kill -9 of two brokers at once, started again after 30 s"
    seconds = 30.0

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill all brokers but one."""
        down = chance.sample(list(site.cluster.brokers), len(site.cluster.brokers) - 1)
        for broker in down:
            broker.kill()
        self.last()
        for broker in down:
            broker.start()
        site.cluster.wait_until_complete()
