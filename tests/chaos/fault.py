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
    """What it does, for the report."""
    times: ClassVar[int] = 1
    """How often it strikes unless told otherwise."""
    seconds: ClassVar[float] = 30.0
    """How long it lasts unless told otherwise; 0 for what is over at once."""
    people: int = 3_000
    """Number of the retailer's customers, which decides how often each comes back, and with how much history."""
    looks_every: ClassVar[float] = 0.5
    """Seconds from one count of the stored events to the next."""
    spares_workers: ClassVar[bool] = False
    """Whether no worker may end: the fault ends none, and gives none a reason to end by itself."""
    stops_all: ClassVar[bool] = False
    """Whether nothing can be stored while it lasts: a run without a stall then proves nothing."""

    def __init__(
        self, times: int | None = None, seconds: float | None = None, per_second: int = EVENTS_PER_SECOND
    ) -> None:
        """Override its own figures; `per_second`: events of the load, which it may change as it goes on."""
        self.per_second = per_second
        self.strikes = self.times if times is None else times
        self.duration = self.seconds if seconds is None else seconds
        self.sent: list[bytes] = []
        """Events, as JSON, that it sent itself and the brokers acknowledged; they must be stored, too."""

    def why_not(self) -> str:
        """Why this machine cannot do it; empty if it can."""
        return ""

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """The cluster that it strikes."""
        with Site(directory, brokers=brokers, workers=workers) as site:
            yield site

    def rest(self, chance: Random) -> float:
        """Seconds before the next strike."""
        return chance.uniform(5, 15)

    @abstractmethod
    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Do it once, and undo it; `number` counts from 0."""

    def notes(self) -> tuple[str, ...]:
        """Further measurements for the report; called after `problems`."""
        return ()

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """What was wrong over the whole run; any problem makes it fail, whatever the tables say."""
        return ()

    def last(self) -> None:
        """Wait as long as a strike lasts."""
        time.sleep(self.duration)
