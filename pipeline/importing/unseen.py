"""Columns that a mapping reads and no row has."""

from typing import Final

from pipeline.importing.mapping import Source
from pipeline.importing.reading import has_header
from pipeline.importing.row import Row
from pipeline.importing.section import nearest

MOST_NAMES: Final = 1_000
"""How many column names are remembered, to suggest what a misspelt one may have meant."""


class Unseen:
    """Finds them in formats whose rows name their columns; a CSV file whose header lacks one is refused instead."""

    def __init__(self) -> None:
        self._left: dict[str, set[str]] = {}
        """The columns that no row has had so far, by source."""
        self._met: dict[str, set[str]] = {}

    def look(self, source: Source, row: Row) -> None:
        """Take one row."""
        left = self._left.setdefault(source.name, set(source.columns))
        if left and not has_header(row.file, source):
            left.difference_update(row.values)
            met = self._met.setdefault(source.name, set())
            if len(met) < MOST_NAMES:
                met.update(row.values)

    def lines(self) -> list[str]:
        """A line about each of them, for people."""
        return [
            f"column '{column}' of '{name}' has no value in any row; {nearest(column, met)}"
            for name, met in self._met.items()
            for column in sorted(self._left[name])
        ]
