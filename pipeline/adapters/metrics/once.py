"""Remembers what was counted lately."""

from typing import Final

REMEMBERED: Final = 200_000
"""About 40 MB."""


class Once:
    """Tells what is counted for the first time, within the last `limit` counted things of this process.

    A measure moves with its events, for instance from an anonymous visitor to the customer who logs in: it is new at
    that customer, but not in the figures. What moves to another worker, or over a restart, is counted there again.
    """

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._seen: dict[str, None] = {}

    def is_new(self, name: str) -> bool:
        """Whether `name` was not asked for lately; from now on it was."""
        known = name in self._seen
        if known:
            del self._seen[name]
        elif len(self._seen) >= self._limit:
            del self._seen[next(iter(self._seen))]
        self._seen[name] = None
        return not known
