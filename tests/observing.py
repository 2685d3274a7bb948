"""Periodic observation beside a test."""

import threading
from abc import ABC, abstractmethod
from typing import Self


class Observer(ABC):
    """Looks repeatedly, in a thread of its own, from entering to leaving."""

    def __init__(self, name: str, every_seconds: float) -> None:
        """`every_seconds`: from the end of one look to the next."""
        self._every_seconds = every_seconds
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)

    @abstractmethod
    def look(self) -> None:
        """Look once."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._every_seconds):
            self.look()
