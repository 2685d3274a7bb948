"""Logs repeated failures once when they begin, and once when they are over."""

import logging
import time
from collections.abc import Callable


class Outage:
    """Logs the beginning and the end of an outage, however often it is reported in between."""

    def __init__(
        self, log: logging.Logger, begins: str, ends: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Choose the messages.

        Args:
            log: Takes the messages.
            begins: Message for the beginning; the reason is appended.
            ends: Message for the end; the duration is appended.
            clock: Seconds.
        """
        self._log = log
        self._begins = begins
        self._ends = ends
        self._clock = clock
        self._since: float | None = None

    def lasts(self, reason: object) -> None:
        """Report a failure; only the first of an outage is logged."""
        if self._since is None:
            self._since = self._clock()
            self._log.warning("%s: %.300s", self._begins, reason)

    def is_over(self) -> None:
        """Report a success; it is logged only if it ends an outage."""
        if self._since is not None:
            self._log.warning("%s, after %.0f s", self._ends, self._clock() - self._since)
            self._since = None
