"""Values from other files: from their rows that share a key with the row being mapped."""

from dataclasses import dataclass

from pipeline.importing.conversions import number
from pipeline.importing.row import Json, Outcome, Problem, Row, Values, as_text
from pipeline.importing.value import Value


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A value from the matching rows of a lookup; missing where there are none."""

    table: str
    by: str
    """The column of the row being mapped that holds the key."""
    how: str
    """`column` (of the first row), `sum` (of columns over all rows), `count`, `list` or `each`."""
    names: tuple[str, ...] = ()
    """The lookup's columns, for `column`, `sum` and `list`."""
    decimal: str = "."
    """The decimal mark, for `sum`."""
    each: Value | None = None
    """What to make of every matching row, for `each`."""

    def of(self, row: Row) -> Outcome:
        """See `Value`."""
        key = row.values.get(self.by)
        matches = row.tables[self.table].rows(as_text(key)) if key is not None else []
        if not matches:
            return None
        if self.how == "column":
            return matches[0].get(self.names[0])
        if self.how == "count":
            return len(matches)
        if self.how == "sum":
            return self._sum(matches)
        return self._list(row, matches)

    def columns(self) -> frozenset[str]:
        """The columns of the row being mapped; those of the lookup are `columns_there`."""
        return frozenset((self.by,))

    def columns_there(self) -> frozenset[str]:
        """The columns of the lookup it reads."""
        return frozenset(self.names) | (self.each.columns() if self.each else frozenset())

    def _sum(self, matches: list[Values]) -> Outcome:
        total = 0.0
        for name in self.names:
            for match in matches:
                cell = match.get(name)
                amount = number(cell, self.decimal) if cell is not None else 0.0
                if not isinstance(amount, float):
                    return Problem(f"{self.table}.{name}", as_text(cell), "a number is expected")
                total += amount
        return round(total, 6)

    def _list(self, row: Row, matches: list[Values]) -> Outcome:
        made: list[Json] = []
        for match in matches:
            there = Row(match, row.file, row.line, None, row.tables)
            outcome = self.each.of(there) if self.each else match.get(self.names[0])
            if isinstance(outcome, Problem):
                return Problem(f"{self.table}.{outcome.column}", outcome.value, outcome.expected)
            if outcome is not None:
                made.append(outcome)
        return made or None
