"""Reads the conditions of a mapping file."""

import re

from pipeline.importing.condition import (
    Condition,
    Test,
    any_of,
    becomes,
    changes,
    differs,
    equals,
    grows,
    leaves,
    matches,
    present,
)
from pipeline.importing.section import MappingError, Section

CHANGES = ("becomes", "leaves", "changes", "increases", "decreases")
"""Tests that compare with the row before: only inputs with groups have one."""


def parse_conditions(table: Section, grouped: bool, decimal: str) -> tuple[Condition, ...]:
    """Read a `when` table: tests by column.

    Args:
        table: The table.
        grouped: Whether there is a row before to compare with.
        decimal: The decimal mark of numbers.
    """
    return tuple(Condition(column, _tests(table, column, grouped, decimal)) for column in table.keys)


def _tests(holder: Section, column: str, grouped: bool, decimal: str) -> tuple[Test, ...]:
    raw = holder.get(column)
    if isinstance(raw, str | list):
        return (equals(holder.texts(column)),)
    return _table_tests(holder.inner(raw, column), grouped, decimal)


def _table_tests(table: Section, grouped: bool, decimal: str) -> tuple[Test, ...]:
    for change in CHANGES:
        if change in table and not grouped:
            raise table.error("there is no row before: the input needs a 'group' column for this", change)
    tests = [*_word_tests(table), *_flag_tests(table, decimal)]
    alternatives = table.sections("any")
    if alternatives:
        tests.append(any_of(tuple(_table_tests(alternative, grouped, decimal) for alternative in alternatives)))
    table.finish()
    if not tests:
        raise table.error(f"a test is expected: is, not, present, matches, any, {', '.join(CHANGES)}")
    return tuple(tests)


def _word_tests(table: Section) -> list[Test]:
    kinds = {"is": equals, "not": differs, "becomes": becomes, "leaves": leaves}
    tests = [make(words) for key, make in kinds.items() if (words := table.texts(key))]
    pattern = table.text("matches", "")
    if pattern:
        try:
            tests.append(matches(re.compile(pattern)))
        except re.error as error:
            raise table.error(f"'{pattern}' is no regular expression: {error}", "matches") from error
    return tests


def _flag_tests(table: Section, decimal: str) -> list[Test]:
    tests = [present(table.flag("present"))] if "present" in table else []
    table.flag("present")
    kinds = {"changes": changes(), "increases": grows(1, decimal), "decreases": grows(-1, decimal)}
    for key, test in kinds.items():
        if key in table and not table.flag(key):
            raise _only_true(table, key)
        table.flag(key)
        if key in table:
            tests.append(test)
    return tests


def _only_true(table: Section, key: str) -> MappingError:
    return table.error("only true makes sense here; leave the key out otherwise", key)
