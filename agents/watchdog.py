"""Notices a consumer that has stopped without an error, as Kafka clients have been seen to do."""

from collections.abc import Callable, Hashable, Mapping
from typing import Final, NamedTuple

import faust

from agents.failure import Failure
from agents.lag import consumer_lag
from agents.reach import Reach
from agents.standstill import Standstill, Waiting, unchanged
from agents.transport.consumer import BatchConsumer

INTERVAL_SECONDS: Final = 5


class StalledError(Exception):
    """The consumer has stopped: the worker must be restarted, and repeats from the last commit."""


class Watchdog:
    """Detects fetches and rebalances that have stalled. Its times are milliseconds of a monotonic clock."""

    def __init__(self, poll_limit_ms: int, rebalance_limit_ms: int) -> None:
        """Set the limits.

        Args:
            poll_limit_ms: How long a partition with room in its buffer may go without an answer from the broker.
            rebalance_limit_ms: How long a rebalance may last.
        """
        self._poll_limit = poll_limit_ms
        self._rebalance_limit = rebalance_limit_ms
        self._polls: dict[Hashable, tuple[int | None, int]] = {}
        self._rebalancing_since: int | None = None

    def look(self, now: int, rebalancing: bool, polls: Mapping[Hashable, int | None]) -> str:
        """What has stalled; empty if nothing.

        Args:
            now: The clock.
            rebalancing: Whether a rebalance is under way.
            polls: When the broker last answered a fetch, for each partition that is due for one; None: never. Any
                clock will do: a change shows that there was an answer.
        """
        if rebalancing:
            self._polls = {}
            since = self._rebalancing_since = now if self._rebalancing_since is None else self._rebalancing_since
            lasted = now - since
            return f"a rebalance has lasted for {lasted // 1000} s" if lasted > self._rebalance_limit else ""
        self._rebalancing_since = None
        # A partition with batches in flight may not be fetched for minutes, and is not due: its time counts from when a
        # look finds it due again.
        self._polls = unchanged(self._polls, polls, now)
        silent = {name: now - since for name, (_, since) in self._polls.items() if now - since > self._poll_limit}
        return _said(silent) if silent else ""


def due_polls(consumer: BatchConsumer) -> dict[Hashable, int | None]:
    """When the broker last answered a fetch, by the wall clock, for the partitions that are due for one.

    These are the ones with nothing in flight, nothing fetched, and room in their buffer.
    """
    return {
        partition: consumer.polled_at(partition)
        for partition in consumer.assignment() & consumer.active_partitions()
        if not consumer.commits.in_flight(partition) and not consumer.has_fetched(partition)
    }


def batches_waiting(consumer: BatchConsumer) -> dict[Hashable, Waiting]:
    """The partitions with batches in flight."""
    lags = consumer_lag(consumer, {})
    return {
        partition: Waiting(position, lags.get((partition.topic, partition.partition)))
        for partition in consumer.assignment()
        if consumer.commits.in_flight(partition) and (position := consumer.commits.done_until(partition)) is not None
    }


def _said(silent: Mapping[Hashable, int]) -> str:
    name, milliseconds = next(iter(silent.items()))
    more = f", nor of {len(silent) - 1} others" if len(silent) > 1 else ""
    return f"the broker has answered no fetch of {name} for {milliseconds // 1000} s{more}"


class Watch(NamedTuple):
    """What the watchdog looks at, and where it reports."""

    watchdog: Watchdog
    standstill: Standstill
    reach: Reach
    failure: Failure
    clock: Callable[[], int]
    """Milliseconds of a monotonic clock."""
    report_standstill: Callable[[float], None]
    """Takes the longest current standstill of any position, in seconds."""

    def look(self, app: faust.App) -> None:
        """Look once, and report a stall as a failure."""
        now, rebalancing = self.clock(), bool(app.rebalancing)
        polls = {} if rebalancing else due_polls(app.consumer)
        waiting = {} if rebalancing else batches_waiting(app.consumer)
        stalled = self.watchdog.look(now, rebalancing, polls)
        standing = self.standstill.look(now, waiting, excused=not self.reach.answers)
        self.report_standstill(self.standstill.longest_ms / 1000)
        if reason := stalled or standing:
            self.failure.report("consumer", StalledError(reason))


def register(app: faust.App, watch: Watch) -> None:
    """Look every `INTERVAL_SECONDS`."""

    async def look() -> None:
        while not app.should_stop:
            await app.sleep(INTERVAL_SECONDS)
            watch.look(app)

    app.task(look)
