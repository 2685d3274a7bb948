"""A row of an export, and the possible outcomes of reading a value from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

Values = Mapping[str, Json]
"""The cells of one row by column; a missing one is absent or None."""


class Problem(msgspec.Struct, frozen=True):
    """A value that cannot be used."""

    column: str
    value: str
    """As it stands in the file."""
    expected: str


class Rejected(msgspec.Struct, frozen=True):
    """A row that could not be read, or one event that could not be made from it."""

    file: str
    line: int
    """Line of the file at which the row begins, counted from 1."""
    column: str
    """Empty if it is about the whole row."""
    value: str
    expected: str
    event: str = ""
    """Event type that could not be made; empty if the row itself could not be read."""

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        column = f", column '{self.column}'" if self.column else ""
        found = f": '{self.value}'" if self.value else ""
        event = f" (for {self.event})" if self.event else ""
        return f"{place}{column}{found}: {self.expected}{event}"


Outcome = Json | Problem
"""A value, None where there is none, or what is wrong with it."""


class Table:
    """Rows of a lookup file by key."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Values]] = {}

    def add(self, key: str, values: Values) -> None:
        """Take one row."""
        self._rows.setdefault(key, []).append(values)

    def rows(self, key: str) -> list[Values]:
        """All rows with this key, in the order of the file."""
        return self._rows.get(key, [])

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))


@dataclass(slots=True)
class Row:
    """One row with its context."""

    values: Values
    file: str
    line: int
    previous: Values | None = None
    """The row of the same group before it, if the input has groups."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """The lookups by name."""


def as_text(value: Json) -> str:
    """A cell as text, as CSV files have it; JSON's `7` and `7.0` give the same text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
