"""The log of a worker or the collector: one line per entry, on stderr."""

import logging
import sys
import time
from typing import Final

FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s {who} %(message)s"
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
REPORTED_BY_US: Final = ("urllib3", "clickhouse_connect")
"""Clients whose warnings say what the worker logs itself, with its next step."""


class OneLine(logging.Formatter):
    """Puts what has several lines, such as tracebacks, into one."""

    def __init__(self, form: str, time_form: str) -> None:
        super().__init__(form, time_form)
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Format an entry."""
        return " | ".join(line.strip() for line in super().format(record).splitlines() if line.strip())


def log_to_stderr(index: int, verbose: bool = False) -> None:
    """Log a worker's own entries, and warnings of others; with `verbose` everything."""
    log_as(f"worker {index}", verbose)


def log_as(who: str, verbose: bool = False) -> None:
    """The same for whoever it is."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT.format(who=who), TIME_FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.INFO if verbose else logging.WARNING, force=True)
    logging.getLogger("touchline").setLevel(logging.INFO)
    for name in REPORTED_BY_US:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.CRITICAL)
