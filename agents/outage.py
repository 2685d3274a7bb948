"""What fails again and again is said once when that begins, and once when it is over."""

import logging
import time
from collections.abc import Callable


class Outage:
    """Says in the log from when to when something was away, however often it is asked meanwhile."""

    def __init__(
        self, log: logging.Logger, begins: str, ends: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Choose the words.

        Args:
            log: Where it is said.
            begins: What is said when it begins; the reason follows.
            ends: What is said when it is over; how long it was follows.
            clock: Seconds.
        """
        self._log = log
        self._begins = begins
        self._ends = ends
        self._clock = clock
        self._since: float | None = None

    def lasts(self, reason: object) -> None:
        """It is away, for all that is known for the first time."""
        if self._since is None:
            self._since = self._clock()
            self._log.warning("%s: %.300s", self._begins, reason)

    def is_over(self) -> None:
        """It is there; whether it ever was away need not be known."""
        if self._since is not None:
            self._log.warning("%s, after %.0f s", self._ends, self._clock() - self._since)
            self._since = None
