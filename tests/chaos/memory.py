"""The resident memory of every process of a site, looked at as long as a run lasts."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import TracebackType
from typing import Final, NamedTuple, Self

from pipeline.adapters.stack.child import resident_bytes

EVERY_SECONDS: Final = 1.0
MEBIBYTE: Final = 1 << 20


class Process(NamedTuple):
    """A process, from its start to its end: what takes its place is another."""

    name: str
    """What it is, such as `worker 0`."""
    process_id: int


class Look(NamedTuple):
    """Resident memory at a time by the monotonic clock."""

    at: float
    mebibytes: float


class Memory:
    """Looks once a second, in a thread of its own."""

    def __init__(self, processes: Callable[[], Mapping[str, int]]) -> None:
        """`processes`: the ids of those that run now, by name."""
        self._looks: dict[Process, list[Look]] = {}
        self._processes = processes
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="memory")

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()

    def looks(self) -> dict[Process, Sequence[Look]]:
        """What was seen so far, in the order of time."""
        return {process: tuple(looks) for process, looks in list(self._looks.items())}

    def most(self, name: str, since: float = -inf, until: float = inf) -> float:
        """The highest resident memory, in mebibytes, of what has run under names that begin so; 0 if nothing has."""
        found = (looks for process, looks in self.looks().items() if process.name.startswith(name))
        return max((look.mebibytes for looks in found for look in looks if since <= look.at <= until), default=0.0)

    def _run(self) -> None:
        while not self._ending.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        for name, process_id in self._processes().items():
            if resident := resident_bytes(process_id):
                look = Look(time.monotonic(), resident / MEBIBYTE)
                self._looks.setdefault(Process(name, process_id), []).append(look)
