"""Liveness and readiness of a worker."""

from collections.abc import Callable

from agents.failure import Failure
from agents.ownership import Ownership
from agents.reach import Reach


class Health:
    """The answers to liveness and readiness probes."""

    def __init__(
        self,
        stopping: Callable[[], bool],
        joined: Callable[[], bool],
        ownership: Ownership,
        failure: Failure,
        store: Reach,
    ) -> None:
        """Set what the answers depend on.

        Args:
            stopping: Whether the worker was told to stop.
            joined: Whether a worker that has partitions is still in the consumer group, as far as it knows.
            ownership: Knows whether the partitions are taken over.
            failure: Happens before a worker ends by itself.
            store: Knows whether ClickHouse answers.
        """
        self._stopping = stopping
        self._joined = joined
        self._ownership = ownership
        self._failure = failure
        self._store = store

    def why_not_alive(self) -> str:
        """Why the worker should be restarted; empty if it should not. An outage of another system is no reason."""
        return "failed" if self._failure.happened else ""

    def why_not_ready(self) -> str:
        """What keeps the worker from taking mail; empty if nothing does."""
        if reason := self.why_not_alive():
            return reason
        if self._stopping():
            return "stopping"
        if reason := self._ownership.waits_for:
            return reason
        if not self._joined():
            return "joining the consumer group again"
        return "" if self._store.answers else "waiting for ClickHouse"
