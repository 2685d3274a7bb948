"""ClickHouse killed, hung and slowed down."""

import time
from random import Random
from typing import Final

from tests.chaos.fault import Fault
from tests.chaos.signals import stopped
from tests.chaos.site import Site

TURN_SECONDS: Final = 0.2


class KillClickHouse(Fault):
    """`kill -9` of the endpoint, which is started again shortly afterwards."""

    name = "kill-clickhouse"
    summary = "kill -9 of the ClickHouse endpoint, started again after 2 s"
    times = 20
    seconds = 2.0
    spares_workers = True

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Kill it, and start it on the same port."""
        site.clickhouse.kill()
        self.last()
        site.clickhouse.start()


class HangClickHouse(Fault):
    """The endpoint accepts connections and does not answer."""

    name = "hang-clickhouse"
    summary = "the ClickHouse endpoint hung for 60 s (SIGSTOP)"
    seconds = 60.0
    spares_workers = stops_all = True

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Stop the process, and continue it."""
        with stopped(site.clickhouse.process_id):
            self.last()


class SlowClickHouse(Fault):
    """The endpoint runs for a tenth of the time."""

    name = "slow-clickhouse"
    summary = "the ClickHouse endpoint slowed to a tenth for 60 s"
    seconds = 60.0
    spares_workers = True

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Stop the process for nine tenths of each turn."""
        end = time.monotonic() + self.duration
        while time.monotonic() < end:
            with stopped(site.clickhouse.process_id):
                time.sleep(TURN_SECONDS * 0.9)
            time.sleep(TURN_SECONDS * 0.1)
