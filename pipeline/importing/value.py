"""The values a mapping computes from a row: columns, constants, templates, and choices among them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pipeline.importing.conversions import Convert
from pipeline.importing.row import Json, Outcome, Problem, Row, as_text

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class Value(Protocol):
    """Something that is computed from a row."""

    def of(self, row: Row) -> Outcome:
        """The value, None where it is missing, or what is wrong with it."""
        ...

    def columns(self) -> frozenset[str]:
        """The columns of the row it reads."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A cell of the row."""

    name: str

    def of(self, row: Row) -> Outcome:
        """The cell."""
        return row.values.get(self.name)

    def columns(self) -> frozenset[str]:
        """The one column."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Previous:
    """A cell of the row before, in the same group."""

    name: str

    def of(self, row: Row) -> Outcome:
        """The cell as it was; missing on the first row."""
        return row.previous.get(self.name) if row.previous is not None else None

    def columns(self) -> frozenset[str]:
        """The one column."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row."""

    value: Json

    def of(self, row: Row) -> Outcome:
        """The constant."""
        return self.value

    def columns(self) -> frozenset[str]:
        """No columns."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{column}` placeholders; missing if one of its columns is."""

    text: str
    names: tuple[str, ...]

    def of(self, row: Row) -> Outcome:
        """The text filled in."""
        cells = {name: row.values.get(name) for name in self.names}
        if None in cells.values():
            return None
        return PLACEHOLDER.sub(lambda match: as_text(cells[match[1]]), self.text)

    def columns(self) -> frozenset[str]:
        """Those of the placeholders."""
        return frozenset(self.names)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values that are not missing: the first, or the smallest or largest."""

    values: tuple[Value, ...]
    how: str
    """`first_of`, `earliest_of` or `latest_of`."""

    def of(self, row: Row) -> Outcome:
        """The chosen value."""
        found: list[str] = []
        for value in self.values:
            outcome = value.of(row)
            if isinstance(outcome, Problem) or (self.how == "first_of" and outcome is not None):
                return outcome
            if outcome is not None:
                found.append(as_text(outcome))
        if not found:
            return None
        return min(found) if self.how == "earliest_of" else max(found)

    def columns(self) -> frozenset[str]:
        """Those of all values."""
        return frozenset().union(*(value.columns() for value in self.values))


@dataclass(frozen=True, slots=True)
class Fields:
    """An object; fields that are missing are left out, and an object without fields is missing."""

    fields: Mapping[str, Value]

    def of(self, row: Row) -> Outcome:
        """The object."""
        made: dict[str, Json] = {}
        for name, value in self.fields.items():
            outcome = value.of(row)
            if isinstance(outcome, Problem):
                return outcome
            if outcome is not None:
                made[name] = outcome
        return made or None

    def columns(self) -> frozenset[str]:
        """Those of all fields."""
        return frozenset().union(*(value.columns() for value in self.fields.values()))


@dataclass(frozen=True, slots=True)
class Finished:
    """A value after all processing: translation, conversion, default, and the check that it is there."""

    value: Value
    label: str
    """The column's name, or what stands for it in messages."""
    convert: Convert | None = None
    expected: str = ""
    translations: Mapping[str, Json] | None = None
    unlisted: str = "reject"
    """What becomes of a value without a translation: `reject`, `drop` or `keep`."""
    default: Json = None
    required: bool = False

    def of(self, row: Row) -> Outcome:
        """The finished value."""
        outcome = self.value.of(row)
        if outcome is None:
            return self._without()
        if isinstance(outcome, Problem):
            return outcome
        if self.translations is not None:
            return self._translated(outcome, self.translations)
        return self._converted(outcome)

    def columns(self) -> frozenset[str]:
        """Those of the value."""
        return self.value.columns()

    def _without(self) -> Outcome:
        if self.default is None and self.required:
            return Problem(self.label, "", "a value is required here, found none")
        return self.default

    def _translated(self, outcome: Json, translations: Mapping[str, Json]) -> Outcome:
        text = as_text(outcome)
        if text in translations:
            return translations[text]
        if self.unlisted == "reject":
            return Problem(self.label, text, f"one of {', '.join(translations)} is expected")
        return self._converted(outcome) if self.unlisted == "keep" else self._without()

    def _converted(self, outcome: Json) -> Outcome:
        if self.convert is None:
            return outcome
        converted = self.convert(outcome)
        return Problem(self.label, as_text(outcome), self.expected) if converted is None else converted
