"""A worker whose clock is wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import Random
from typing import Final
from urllib.request import urlopen

from tests.chaos.fault import Fault
from tests.chaos.site import Site

TOLERANCE_SECONDS: Final = 30


class ShiftClock(Fault):
    """The clock of one worker is ten minutes slow, that of another ten minutes fast, by libfaketime."""

    name = "wrong-clock"
    summary = "the clock of one worker 10 min slow, of another 10 min fast, for 60 s"
    seconds = 60.0
    spares_workers = True

    def why_not(self) -> str:
        """It needs libfaketime."""
        return "" if _library() else "libfaketime is not installed"

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """Start two workers with wrong clocks beside those with right ones."""
        with Site(directory, brokers=brokers, workers=max(1, workers - 1)) as site:
            for offset in ("-600", "+600"):
                wrong = {"LD_PRELOAD": _library(), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
                worker = site.new_worker(settings=wrong)
                worker.wait_until_ready()
                ahead = _seconds_ahead(worker.url)
                assert abs(ahead - int(offset)) < TOLERANCE_SECONDS, f"the clock is {ahead:.0f} s ahead, not {offset}"
            yield site

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Let the workers run: their clocks are wrong all the time."""
        self.last()


def _seconds_ahead(url: str) -> float:
    """How far the clock of a worker is ahead of this process's, by the date of its HTTP responses."""
    with urlopen(f"{url}/healthz", timeout=10) as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


def _library() -> str:
    return str(next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), ""))
