"""Settling: waiting until everything that the broker has accepted so far is in ClickHouse.

Brokers may report end offsets too low, so they are not used. A marker, an empty message, goes to each partition
instead: its acknowledgement gives a true offset, and workers commit an offset only once everything before it is stored.

Mail causes more mail, so the mail topic is marked in rounds. A round is over when all its markers are committed; then
all mail from before it has been handled. If the next round's markers follow directly, no mail was sent in between, and
none is left. While new events keep coming, that never happens. But each round also handles one more generation of
mail, and one event causes few generations: forwarding climbs in rank, and so do the links and recalls it causes.
The markers of the last round are not waited for: they may show as lag for a second.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from pipeline.adapters.broker.position import Position

MAIL_GENERATIONS = 48
"""Rounds after which everything accepted before the start is stored, even if newer mail keeps coming."""
POLL_SECONDS = 0.1


class Ledger(Protocol):
    """Sends markers and reads committed offsets."""

    def mark(self, topic: str) -> Mapping[int, int]:
        """Send a marker to each partition of a topic; returns their offsets."""
        ...

    def committed(self) -> Mapping[Position, int]:
        """The committed offset, the next to process, by topic and partition."""
        ...


class Lag(msgspec.Struct, frozen=True, order=True):
    """A partition with markers that are not committed yet."""

    topic: str
    partition: int
    behind: int
    """Messages that are not yet committed."""

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} by {self.behind}"


class SettleTimeoutError(Exception):
    """Not settled in time; says what lags."""

    def __init__(self, seconds: float, lags: Sequence[Lag]) -> None:
        self.lags = tuple(lags)
        listed = ", ".join(str(lag) for lag in self.lags)
        super().__init__(f"not settled within {seconds:g} s; behind: {listed}")


class Settled(msgspec.Struct, frozen=True):
    """The outcome of settling."""

    rounds: int
    seconds: float
    quiet: bool
    """Whether no mail at all was left; False if newer events kept the pipeline busy."""


Progress = Callable[[Sequence[Lag]], None]


class Settling:
    """One run of settling over a ledger, bounded in time."""

    def __init__(
        self,
        ledger: Ledger,
        timeout_seconds: float,
        progress: Progress = lambda lags: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ledger = ledger
        self._timeout = timeout_seconds
        self._progress = progress
        self._clock = clock
        self._sleep = sleep
        self._started = clock()

    def run(self, raw_topics: Sequence[str], mail_topic: str) -> Settled:
        """Settle the raw topics, then the mail.

        Raises:
            SettleTimeoutError: It took longer than the timeout.
            BrokerUnavailableError: The broker went away.
        """
        self._await(
            {(topic, partition): at for topic in raw_topics for partition, at in self._ledger.mark(topic).items()}
        )
        markers = self._ledger.mark(mail_topic)
        for rounds in range(1, MAIL_GENERATIONS + 1):
            self._await({(mail_topic, partition): offset for partition, offset in markers.items()})
            following = self._ledger.mark(mail_topic)
            if all(following[partition] == offset + 1 for partition, offset in markers.items()):
                return Settled(rounds=rounds, seconds=self._elapsed(), quiet=True)
            markers = following
        return Settled(rounds=MAIL_GENERATIONS, seconds=self._elapsed(), quiet=False)

    def _await(self, markers: Mapping[Position, int]) -> None:
        """Wait until every marker is committed."""
        while lags := self._lags(markers):
            if self._elapsed() >= self._timeout:
                raise SettleTimeoutError(self._timeout, lags)
            self._progress(lags)
            self._sleep(POLL_SECONDS)

    def _lags(self, markers: Mapping[Position, int]) -> list[Lag]:
        committed = self._ledger.committed()
        return sorted(
            Lag(topic, partition, offset + 1 - done)
            for (topic, partition), offset in markers.items()
            if (done := committed.get((topic, partition), 0)) <= offset
        )

    def _elapsed(self) -> float:
        return self._clock() - self._started
