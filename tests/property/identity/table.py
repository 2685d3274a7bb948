"""A simulated store: rows with versions in two tables that are not saved together."""

from typing import Generic, NamedTuple, TypeVar

from pipeline.events.event import Event
from pipeline.identity.messages import Hop, Touch

Key = TypeVar("Key")
Row = TypeVar("Row")
Version = tuple[int, int]
"""(epoch of the assignment, sequence)"""


class TouchRow(NamedTuple):
    """A stored touchpoint of a customer."""

    event: Event
    as_of: int
    route: tuple[Hop, ...]
    copies: tuple[Touch, ...]


class Table(Generic[Key, Row]):
    """Of two rows with the same key, the one with the higher version counts, whichever was saved first."""

    def __init__(self) -> None:
        self._rows: dict[Key, tuple[Version, Row | None]] = {}

    def save(self, key: Key, row: Row | None, version: Version) -> None:
        """Save a row, or a tombstone."""
        if key not in self._rows or self._rows[key][0] <= version:
            self._rows[key] = version, row

    def get(self, key: Key) -> Row | None:
        """The current row."""
        return self._rows[key][1] if key in self._rows else None

    def rows(self) -> dict[Key, Row]:
        """All current rows."""
        return {key: row for key, (_, row) in self._rows.items() if row is not None}
