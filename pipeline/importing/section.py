"""Strict reading of a mapping file: unknown keys are errors, and every error says where and what is expected."""

from collections.abc import Iterable
from difflib import get_close_matches


class MappingError(Exception):
    """A mapping file is wrong. The message names the file, the place, the key and what is expected."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a misspelt one may have meant, and all known names, as a clause for a message."""
    choice = sorted(set(known))
    close = get_close_matches(name, choice, n=1, cutoff=0.6)
    guess = f"did you mean '{close[0]}'? " if close else ""
    return f"{guess}known: {', '.join(choice)}" if choice else "there are none"


class Section:
    """A TOML table that remembers which of its keys were read."""

    def __init__(self, table: dict[str, object], place: str, file: str) -> None:
        self._table = table
        self._place = place
        self._file = file
        self._read: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._table

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in the order of the file."""
        return tuple(self._table)

    def error(self, message: str, key: str = "") -> MappingError:
        """An error at this table, or at one of its keys."""
        where = ", ".join(part for part in (self._place, key) if part)
        return MappingError(f"{self._file}: {where + ': ' if where else ''}{message}")

    def get(self, key: str) -> object:
        """The value as TOML has it; None if it is absent."""
        self._read.append(key)
        return self._table.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value and default is None):
            raise self.error(f"a text is expected, found {_describe(value)}", key)
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A string or an array of strings."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self.error(f"a text or an array of texts is expected, found {_describe(value)}", key)

    def flag(self, key: str) -> bool:
        """True or false; false if absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(f"true or false is expected, found {_describe(value)}", key)
        return bool(value)

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in known:
            raise self.error(f"'{value}' is not known here; {nearest(value, known)}", key)
        return value

    def section(self, key: str) -> "Section":
        """A table; an empty one if absent."""
        value = self.get(key)
        return self.inner({} if value is None else value, key)

    def sections(self, key: str) -> list["Section"]:
        """An array of tables."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(f"an array of tables is expected ([[{key}]]), found {_describe(value)}", key)
        return [self.inner(item, f"{key}[{number}]") for number, item in enumerate(value, 1)]

    def inner(self, value: object, key: str) -> "Section":
        """Read a value as a table that stands at this key."""
        if not isinstance(value, dict):
            raise self.error(f"a table is expected, found {_describe(value)}", key)
        return Section(value, f"{self._place}, {key}" if self._place else key, self._file)

    def finish(self) -> None:
        """Check that every key was read.

        Raises:
            MappingError: One was not; the message names the first.
        """
        for key in self._table:
            if key not in self._read:
                raise self.error(f"the key is not known here; {nearest(key, self._read)}", key)


def _describe(value: object) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "an array",
        dict: "a table",
    }
    if value is None:
        return "nothing"
    return f"{names.get(type(value), 'a date or time')}: {value!r}"
