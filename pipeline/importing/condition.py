"""Conditions on a row: what a cell is, and how it changed since the row before."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.importing.conversions import number
from pipeline.importing.row import Problem, Row, as_text

Verdict = bool | Problem
Test = Callable[[str | None, str | None, bool], Verdict]
"""Judges a cell (None: missing), given the same cell of the row before and whether there is such a row."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A column with the tests it has to pass, all of them."""

    column: str
    tests: tuple[Test, ...]

    def holds(self, row: Row) -> Verdict:
        """Whether all tests pass; a problem if the cell cannot be judged."""
        now, before = row.values.get(self.column), (row.previous or {}).get(self.column)
        cell = as_text(now) if now is not None else None
        cell_before = as_text(before) if before is not None else None
        for test in self.tests:
            verdict = test(cell, cell_before, row.previous is not None)
            if isinstance(verdict, Problem):
                return Problem(self.column, verdict.value, verdict.expected)
            if not verdict:
                return False
        return True


def equals(choice: tuple[str, ...]) -> Test:
    """The cell is one of these."""
    return lambda now, before, has_before: now in choice


def differs(choice: tuple[str, ...]) -> Test:
    """The cell is none of these; a missing one is none of them."""
    return lambda now, before, has_before: now not in choice


def present(wanted: bool) -> Test:
    """The cell is there, or is not."""
    return lambda now, before, has_before: (now is not None) == wanted


def matches(pattern: re.Pattern[str]) -> Test:
    """The pattern occurs in the cell."""
    return lambda now, before, has_before: now is not None and pattern.search(now) is not None


def becomes(choice: tuple[str, ...]) -> Test:
    """The cell is one of these and was none of them before; on the first row of a group, it is one of these."""
    return lambda now, before, has_before: now in choice and not (has_before and before in choice)


def leaves(choice: tuple[str, ...]) -> Test:
    """The cell was one of these and no longer is."""
    return lambda now, before, has_before: has_before and before in choice and now not in choice


def changes() -> Test:
    """The cell differs from the row before."""
    return lambda now, before, has_before: has_before and now != before


def grows(sign: int, decimal: str) -> Test:
    """The number in the cell is larger (sign 1) or smaller (sign -1) than in the row before."""

    def test(now: str | None, before: str | None, has_before: bool) -> Verdict:
        if not has_before or now is None or before is None or now == before:
            return False
        first, second = number(before, decimal), number(now, decimal)
        if not isinstance(second, float):
            return Problem("", now, "a number is expected")
        return isinstance(first, float) and (second - first) * sign > 0

    return test


def any_of(alternatives: tuple[tuple[Test, ...], ...]) -> Test:
    """At least one group of tests passes."""

    def test(now: str | None, before: str | None, has_before: bool) -> Verdict:
        for tests in alternatives:
            verdicts = [one(now, before, has_before) for one in tests]
            problem = next((verdict for verdict in verdicts if isinstance(verdict, Problem)), None)
            if problem:
                return problem
            if all(verdicts):
                return True
        return False

    return test
