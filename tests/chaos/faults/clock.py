"""A worker whose clock is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.chaos.fault import Fault
from tests.chaos.site import Site


class ShiftClock(Fault):
    """One worker lives ten minutes ago, another in ten minutes, by libfaketime."""

    name = "wrong-clock"
    summary = "the clock of one worker 10 min slow, of another 10 min fast, for 60 s"
    seconds = 60.0

    def why_not(self) -> str:
        """It takes libfaketime."""
        return "" if _library() else "libfaketime is not installed"

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """The wrong workers beside those that are right."""
        with Site(directory, brokers=brokers, workers=max(1, workers - 1)) as site:
            for offset in ("-600", "+600"):
                wrong = {"LD_PRELOAD": _library(), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
                site.new_worker(settings=wrong).wait_until_ready()
            yield site

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """They are wrong all the time; let them work."""
        self.last()


def _library() -> str:
    return str(next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), ""))
