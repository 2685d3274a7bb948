"""Remembers what was recently counted."""

from typing import Final

REMEMBERED: Final = 200_000
"""Names; about 40 MB."""


class Once:
    """Tells whether a name is new among the last `limit` names of this process.

    A measure moves with its events, for instance from an anonymous visitor to the customer who logs in: it is new to
    that customer, but must not be counted again. After a move to another worker, or a restart, it is counted again.
    """

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._seen: dict[str, None] = {}

    def is_new(self, name: str) -> bool:
        """Whether `name` is not among those remembered; remembers it."""
        known = name in self._seen
        if known:
            del self._seen[name]
        elif len(self._seen) >= self._limit:
            del self._seen[next(iter(self._seen))]
        self._seen[name] = None
        return not known
