"""Notices a consumer that has stopped without an error, as Kafka clients have been seen to do."""

from collections.abc import Callable, Hashable, Mapping
from typing import Final

import faust

from agents.failure import Failure
from agents.transport.consumer import BatchConsumer

INTERVAL_SECONDS: Final = 5


class StalledError(Exception):
    """The consumer has stopped: the worker starts afresh and repeats from the last commit."""


class Watchdog:
    """Judges by the clock alone; all times in milliseconds since the epoch."""

    def __init__(self, poll_limit_ms: int, rebalance_limit_ms: int) -> None:
        """Set the limits.

        Args:
            poll_limit_ms: How long a partition with room in its buffer may go without an answer of the broker.
            rebalance_limit_ms: How long a rebalance may last.
        """
        self._poll_limit = poll_limit_ms
        self._rebalance_limit = rebalance_limit_ms
        self._due_since: dict[Hashable, int] = {}
        self._rebalancing_since: int | None = None

    def look(self, now: int, rebalancing: bool, polls: Mapping[Hashable, int | None]) -> str:
        """What has stalled; empty if nothing.

        Args:
            now: The clock.
            rebalancing: Whether a rebalance is under way.
            polls: When the broker last answered, for each partition that should be asked for; None: never.
        """
        if rebalancing:
            self._due_since = {}
            since = self._rebalancing_since = self._rebalancing_since or now
            return "the rebalance does not end" if now - since > self._rebalance_limit else ""
        self._rebalancing_since = None
        # What was in flight for minutes was not asked for meanwhile: its time counts from when it was seen to be due.
        due = self._due_since = {partition: self._due_since.get(partition, now) for partition in polls}
        late = [name for name, polled in polls.items() if now - max(polled or 0, due[name]) > self._poll_limit]
        return f"no answer for {late[0]} and {len(late) - 1} others" if late else ""


def due_polls(consumer: BatchConsumer) -> dict[Hashable, int | None]:
    """When the broker last answered, for the partitions with nothing in flight and room in their buffer."""
    return {
        partition: consumer.polled_at(partition)
        for partition in consumer.assignment() & consumer.active_partitions()
        if not consumer.commits.in_flight(partition)
    }


def register(app: faust.App, watchdog: Watchdog, failure: Failure, clock: Callable[[], int]) -> None:
    """Look at an interval; a stall is a failure."""

    async def watch() -> None:
        while not app.should_stop:
            await app.sleep(INTERVAL_SECONDS)
            polls = {} if app.rebalancing else due_polls(app.consumer)
            if reason := watchdog.look(clock(), app.rebalancing, polls):
                failure.report("consumer", StalledError(reason))

    app.task(watch)
