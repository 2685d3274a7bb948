"""The resident memory of every process of a site, sampled during a run."""

import time
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Final, NamedTuple, Self

from pipeline.adapters.stack.child import resident_bytes
from tests.observing import Observer

EVERY_SECONDS: Final = 1.0
MEBIBYTE: Final = 1 << 20


class Process(NamedTuple):
    """A process from its start to its end; a restarted one is another."""

    name: str
    """What it is, such as `worker 0`."""
    process_id: int


class Look(NamedTuple):
    """Resident memory at one time; `at` is in seconds by the monotonic clock."""

    at: float
    mebibytes: float


class Memory(Observer):
    """Looks once a second, in a thread of its own."""

    def __init__(self, processes: Callable[[], Mapping[str, int]]) -> None:
        """`processes`: returns the ids of the processes that run now, by name."""
        super().__init__("memory", EVERY_SECONDS)
        self._looks: dict[Process, list[Look]] = {}
        self._processes = processes

    def __enter__(self) -> Self:
        self.look()
        return super().__enter__()

    def looks(self) -> dict[Process, Sequence[Look]]:
        """The samples so far, in the order of time."""
        return {process: tuple(looks) for process, looks in list(self._looks.items())}

    def most(self, name: str, since: float = -inf, until: float = inf) -> float:
        """The highest resident memory, in mebibytes, of processes under names that begin with `name`; 0 without any."""
        found = (looks for process, looks in self.looks().items() if process.name.startswith(name))
        return max((look.mebibytes for looks in found for look in looks if since <= look.at <= until), default=0.0)

    def look(self) -> None:
        """Look at every process."""
        for name, process_id in self._processes().items():
            if resident := resident_bytes(process_id):
                look = Look(time.monotonic(), resident / MEBIBYTE)
                self._looks.setdefault(Process(name, process_id), []).append(look)
