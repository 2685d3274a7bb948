"""What a fault is."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import ClassVar, Final

from tests.chaos.memory import Memory
from tests.chaos.site import Site
from tests.chaos.watch import Watch

EVENTS_PER_SECOND: Final = 150


class Fault(ABC):
    """One kind of fault: a class in a file of its own."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """What is done, for the report."""
    times: ClassVar[int] = 1
    """How often it strikes unless told otherwise."""
    seconds: ClassVar[float] = 30.0
    """How long it lasts unless told otherwise; nothing for what is over at once."""
    people: int = 3_000
    """The retailer's customers: how often they come back, and with what history, depends on it."""
    looks_every: ClassVar[float] = 0.5
    """Seconds from one look at what is stored to the next."""
    spares_workers: ClassVar[bool] = False
    """Whether no worker may end: it ends none, and what it does is no reason for one to end of itself."""
    stops_all: ClassVar[bool] = False
    """Whether nothing can be stored while it lasts: then a run in which nothing stood still has not seen it."""

    def __init__(
        self, times: int | None = None, seconds: float | None = None, per_second: int = EVENTS_PER_SECOND
    ) -> None:
        """Take other figures than its own; `per_second`: events of the load, which it may change as it goes on."""
        self.per_second = per_second
        self.strikes = self.times if times is None else times
        self.duration = self.seconds if seconds is None else seconds
        self.sent: list[bytes] = []
        """Events, as JSON, that it sent itself and the brokers acknowledged; they must be found, too."""

    def why_not(self) -> str:
        """What this machine lacks to do it; empty if nothing."""
        return ""

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """Where it happens."""
        with Site(directory, brokers=brokers, workers=workers) as site:
            yield site

    def rest(self, chance: Random) -> float:
        """Seconds before the next strike."""
        return chance.uniform(5, 15)

    @abstractmethod
    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Do it once, and undo it; `number` counts from 0."""

    def notes(self) -> tuple[str, ...]:
        """What else was measured, for the report; asked for after `problems`."""
        return ()

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """What was not as it must be over the whole run: then it has failed, whatever the tables say."""
        return ()

    def last(self) -> None:
        """Let it last."""
        time.sleep(self.duration)
