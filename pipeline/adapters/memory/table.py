"""A table in memory whose rows have versions: of two rows with the same key the higher version counts."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class Table(Generic[K, R]):
    """Rows by key, as a `ReplacingMergeTree(version, is_deleted)` reads with FINAL."""

    def __init__(self) -> None:
        self._rows: dict[K, tuple[int, R | None]] = {}

    def put(self, key: K, row: R | None, version: int) -> None:
        """Write a row, or None as its tombstone; of equal versions the later one counts."""
        known = self._rows.get(key)
        if known is None or known[0] <= version:
            self._rows[key] = (version, row)

    def get(self, key: K) -> R | None:
        """The row of a key, or None if there is none or it was deleted."""
        known = self._rows.get(key)
        return known[1] if known else None

    def items(self) -> Iterator[tuple[K, R]]:
        """The rows that are not deleted, in the order in which their keys were first written."""
        for key, (_, row) in self._rows.items():
            if row is not None:
                yield key, row
