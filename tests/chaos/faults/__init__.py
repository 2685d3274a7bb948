"""The faults, by name."""

from typing import Final

from tests.chaos.fault import Fault
from tests.chaos.faults.kill_workers import KillWorkers

FAULTS: Final[dict[str, type[Fault]]] = {fault.name: fault for fault in (KillWorkers,)}
