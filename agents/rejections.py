"""Rejections are saved in the store, sent to the dead letter topic, and counted."""

from collections.abc import Sequence
from typing import Protocol

from agents.courier import Courier
from agents.patience import patiently
from pipeline.adapters.metrics import Metrics
from pipeline.events.dead_letter import DeadLetter


class DeadLetterStore(Protocol):
    """Where rejections are kept."""

    async def save(self, letters: Sequence[DeadLetter]) -> None:
        """Save them durably; saving them twice does no harm.

        Raises:
            StoreUnavailableError: The store cannot be reached: try again later.
        """
        ...


class Rejections:
    """The dead letters of all agents of a worker."""

    def __init__(self, store: DeadLetterStore, courier: Courier, metrics: Metrics) -> None:
        self._store = store
        self._courier = courier
        self._metrics = metrics

    async def keep(self, who: str, letters: Sequence[DeadLetter]) -> None:
        """Return once letters are kept, however long the store is away; the log says that `who` waits for it.

        Raises:
            Exception: The broker did not acknowledge something; keeping them again does no harm.
        """
        if letters:
            await patiently(who, lambda: self._store.save(letters))
            await self._courier.reject(letters)
            self._metrics.rejected(letters)
