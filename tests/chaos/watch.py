"""Watches how far the tables lag behind the events sent."""

import time
from collections.abc import Callable
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from pipeline.adapters.clickhouse.client import connect
from pipeline.stitching.store import StoreUnavailableError
from tests.observing import Observer
from tests.waiting import eventually

EVERY_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 5
STORED: Final = "SELECT (SELECT count() FROM touchpoint_rows FINAL) + (SELECT count() FROM dead_letter_rows FINAL)"


class Sample(NamedTuple):
    """One look; times by the monotonic clock, in seconds."""

    at: float
    sent: int
    stored: int


class Watch(Observer):
    """Counts stored events, twice a second by default. While ClickHouse does not answer, the last count stands."""

    def __init__(self, url: str, sent: Callable[[], int], every_seconds: float = EVERY_SECONDS) -> None:
        """Prepare.

        Args:
            url: The URL of ClickHouse.
            sent: Returns how many events must be in the tables, as of now.
            every_seconds: From one look to the next: counting takes time, more of it the longer a run lasts.
        """
        super().__init__("watch", every_seconds)
        self.samples: list[Sample] = []
        self._url = url
        self._sent = sent
        self._client: Client | None = None

    @property
    def stored(self) -> int:
        """Events in the tables when it last looked."""
        return self.samples[-1].stored if self.samples else 0

    def sees(self, stored: int, seconds: float) -> bool:
        """Wait until that many events are stored; False if they are not in time."""
        return eventually(lambda: self.stored >= stored, seconds, EVERY_SECONDS)

    def longest_stall(self, began: float = -inf, ended: float = inf) -> float:
        """The longest time, in seconds, in which something was waiting and nothing was stored.

        Args:
            began: Count only samples from then on.
            ended: Count only samples until then.
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
        """Seconds from the end of a fault until all events sent by that end were stored; None: never."""
        sent = max((sample.sent for sample in self.samples if sample.at <= ended), default=0)
        return next(
            (sample.at - ended for sample in self.samples if sample.at >= ended and sample.stored >= sent), None
        )

    def __exit__(self, *raised: object) -> None:
        """Look once more, so that the end is seen however seldom it looks."""
        super().__exit__(*raised)
        self.look()

    def look(self) -> None:
        """Ask how many events are stored."""
        sent, stored = self._sent(), self.stored
        try:
            self._client = self._client or connect(self._url, timeout_seconds=ANSWER_SECONDS)
            stored = int(self._client.query(STORED).result_rows[0][0])
        except (ClickHouseError, StoreUnavailableError, OSError):
            self._client = None
        self.samples.append(Sample(time.monotonic(), sent, stored))
