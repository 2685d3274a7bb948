"""Watches how far the tables are behind what was sent."""

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from math import inf
from types import TracebackType
from typing import Final, NamedTuple, Self

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from pipeline.adapters.clickhouse.client import connect
from pipeline.stitching.store import StoreUnavailableError

EVERY_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 5
STORED: Final = "SELECT (SELECT count() FROM touchpoint_rows FINAL) + (SELECT count() FROM dead_letter_rows FINAL)"


class Sample(NamedTuple):
    """One look; times by the monotonic clock, in seconds."""

    at: float
    sent: int
    stored: int


class Watch:
    """Looks twice a second, unless told otherwise. While ClickHouse does not answer, nothing is seen to be stored."""

    def __init__(self, url: str, sent: Callable[[], int], every_seconds: float = EVERY_SECONDS) -> None:
        """Prepare.

        Args:
            url: Of ClickHouse.
            sent: How many events must be in the tables, as of now.
            every_seconds: From one look to the next: counting is work, the more the longer a run lasts.
        """
        self.samples: list[Sample] = []
        self._url = url
        self._sent = sent
        self._every_seconds = every_seconds
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()

    @property
    def stored(self) -> int:
        """Events in the tables when it last looked."""
        return self.samples[-1].stored if self.samples else 0

    def sees(self, stored: int, seconds: float) -> bool:
        """Wait until so many events are stored; False if they are not in time."""
        deadline = time.monotonic() + seconds
        while self.stored < stored and time.monotonic() < deadline:
            time.sleep(EVERY_SECONDS)
        return self.stored >= stored

    def longest_stall(self, began: float = -inf, ended: float = inf) -> float:
        """The longest time, in seconds, in which something was waiting and nothing was stored.

        Args:
            began: Only what was seen from then on counts.
            ended: Only what was seen until then counts.
        """
        longest, since = 0.0, None
        samples = [sample for sample in self.samples if began <= sample.at <= ended]
        for before, sample in pairwise(samples):
            if sample.stored > before.stored or before.stored >= before.sent:
                since = None
                continue
            since = before.at if since is None else since
            longest = max(longest, sample.at - since)
        return longest

    def recovery(self, ended: float) -> float | None:
        """Seconds from the end of a fault until as many events were stored as had been sent by then; None: never."""
        sent = max((sample.sent for sample in self.samples if sample.at <= ended), default=0)
        return next(
            (sample.at - ended for sample in self.samples if sample.at >= ended and sample.stored >= sent), None
        )

    def _run(self) -> None:
        client: Client | None = None
        while not self._ending.wait(self._every_seconds):
            sent, stored = self._sent(), self.stored
            try:
                client = client or connect(self._url, timeout_seconds=ANSWER_SECONDS)
                stored = int(client.query(STORED).result_rows[0][0])
            except (ClickHouseError, StoreUnavailableError, OSError):
                client = None
            self.samples.append(Sample(time.monotonic(), sent, stored))
