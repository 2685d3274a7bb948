"""The network between a worker and the brokers is cut."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from tests.chaos.fault import Fault
from tests.chaos.site import Site

CUTS: Final = (10.0, 30.0, 90.0)
NOTICED_SECONDS: Final = 25.0
"""A cut of this length must move the worker's partitions: it loses them within 15 s on an idle machine."""


class Cable(NamedTuple):
    """A virtual cable between this machine and a network namespace."""

    outside: str
    """Name of the end on this machine."""
    inside: str
    outside_address: str
    inside_address: str


class CutNetwork(Fault):
    """One worker runs in a network namespace, with one cable to the brokers and another to ClickHouse."""

    name = "cut-network"
    summary = "a worker cut off from the brokers for 10, 30 and 90 s"
    times = 3
    seconds = 0.0
    _number = os.getpid() % 250
    _namespace = f"touchline-{_number}"
    _brokers = Cable(f"tlb{_number}", f"tlbi{_number}", f"10.213.{_number}.1", f"10.213.{_number}.2")
    _clickhouse = Cable(f"tlc{_number}", f"tlci{_number}", f"10.213.{_number}.5", f"10.213.{_number}.6")

    def why_not(self) -> str:
        """Network namespaces need root and the `ip` command."""
        if shutil.which("ip") is None or os.geteuid() != 0:
            return "network namespaces take root and the ip command"
        tried = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
        return "this machine does not allow network namespaces" if tried.returncode else ""

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """The last worker in the namespace, the others outside."""
        with ExitStack() as undoing:
            _ip("netns", "add", self._namespace)
            undoing.callback(_ip, "netns", "delete", self._namespace)
            _ip("-n", self._namespace, "link", "set", "lo", "up")
            for cable in (self._brokers, self._clickhouse):
                _lay(cable, self._namespace)
                undoing.callback(_ip, "link", "delete", cable.outside)
            site = Site(
                directory,
                brokers=brokers,
                workers=workers - 1,
                broker_host=self._brokers.outside_address,
                clickhouse_host=self._clickhouse.outside_address,
            )
            with site:
                site.new_worker(["ip", "netns", "exec", self._namespace]).wait_until_ready()
                yield site

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Cut the cable to the brokers once the worker is in the group, and restore it."""
        seconds = self.duration or CUTS[number % len(CUTS)]
        site.workers[-1].wait_until_ready()
        others = site.workers[:-1]
        before = sum(other.took_over for other in others)
        _ip("link", "set", self._brokers.outside, "down")
        try:
            time.sleep(seconds)
            taken = sum(other.took_over for other in others) > before
            assert taken or seconds < NOTICED_SECONDS, "nobody took over from the worker that was cut off"
        finally:
            _ip("link", "set", self._brokers.outside, "up")


def _lay(cable: Cable, namespace: str) -> None:
    _ip("link", "add", cable.outside, "type", "veth", "peer", "name", cable.inside, "netns", namespace)
    _ip("address", "add", f"{cable.outside_address}/30", "dev", cable.outside)
    _ip("link", "set", cable.outside, "up")
    _ip("-n", namespace, "address", "add", f"{cable.inside_address}/30", "dev", cable.inside)
    _ip("-n", namespace, "link", "set", cable.inside, "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
