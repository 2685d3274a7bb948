"""The log of a worker or the collector: one line per entry, on stderr."""

import logging
import sys
import time
from collections.abc import Callable
from math import inf
from typing import Final

FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s {who} %(message)s"
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
REPORTED_BY_US: Final = ("urllib3", "clickhouse_connect")
"""Libraries that are silent unless `verbose`: the worker reports the same problems itself, and what it does next."""

PAUSE_SECONDS: Final = 30.0
KINDS: Final = 1_000
"""How many kinds of entries are remembered; with more, all are forgotten."""


class Sparingly(logging.Filter):
    """Passes one entry of each kind from libraries per `PAUSE_SECONDS`: without brokers, aiokafka logs 300 a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}
        """For each kind, when an entry last passed, and how many were held back since."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether an entry is logged; one that is says how many like it were held back."""
        if record.name.startswith("touchline"):
            return True
        kind, now = (record.name, str(record.msg)), self._clock()
        passed, held = self._seen.get(kind, (-inf, 0))
        if now - passed < PAUSE_SECONDS:
            self._seen[kind] = (passed, held + 1)
            return False
        if len(self._seen) >= KINDS:
            self._seen.clear()
        self._seen[kind] = (now, 0)
        if held:
            record.msg = f"{record.msg} (and {held} more like it)"
        return True


class OneLine(logging.Formatter):
    """Puts entries of several lines, such as tracebacks, on one line."""

    def __init__(self, form: str, time_form: str) -> None:
        super().__init__(form, time_form)
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Format an entry."""
        return " | ".join(line.strip() for line in super().format(record).splitlines() if line.strip())


def log_to_stderr(index: int, verbose: bool = False) -> None:
    """Log a worker's own entries, and libraries' warnings within the limits of `Sparingly`.

    With `verbose`, log all entries of libraries from INFO on.
    """
    log_as(f"worker {index}", verbose)


def log_as(who: str, verbose: bool = False) -> None:
    """Log as `log_to_stderr` does, with any name for the process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT.format(who=who), TIME_FORMAT))
    if not verbose:
        handler.addFilter(Sparingly())
    logging.basicConfig(handlers=[handler], level=logging.INFO if verbose else logging.WARNING, force=True)
    logging.getLogger("touchline").setLevel(logging.INFO)
    for name in REPORTED_BY_US:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.CRITICAL)
