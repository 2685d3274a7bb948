"""Turns rows into events."""

from collections.abc import Mapping as Tables
from hashlib import blake2b

import msgspec
import orjson

from pipeline.importing.mapping import EventRule, Mapping
from pipeline.importing.row import Json, Outcome, Problem, Rejected, Row, Table, Values, as_text


class MappedEvent(msgspec.Struct, frozen=True):
    """An event and the row it was made from."""

    event: dict[str, Json]
    """A CloudEvents 1.0 event."""
    file: str
    line: int


class Mapper:
    """Applies one mapping to rows, one after the other.

    Remembers the last row of every group, and nothing else; the same rows give the same events with the same ids.
    """

    def __init__(self, mapping: Mapping, tables: Tables[str, Table]) -> None:
        self._tables = tables
        self._groups = {name: source.key for name, source in mapping.inputs.items()}
        self._rules = {name: [rule for rule in mapping.events if rule.input == name] for name in mapping.inputs}
        self._last: dict[str, dict[str, Values]] = {name: {} for name in mapping.inputs}

    def map(self, input_name: str, row: Row) -> list[MappedEvent | Rejected]:
        """The events of one row, in the order of the mapping; each that cannot be made is rejected on its own."""
        row.tables = self._tables
        group = self._groups[input_name]
        if group:
            self._connect(input_name, group, row)
        outcomes = [self._apply(rule, row) for rule in self._rules[input_name]]
        return [outcome for outcome in outcomes if outcome is not None]

    def _connect(self, input_name: str, group: str, row: Row) -> None:
        key = row.values.get(group)
        if key is not None:
            last = self._last[input_name]
            row.previous = last.get(as_text(key))
            last[as_text(key)] = row.values

    def _apply(self, rule: EventRule, row: Row) -> MappedEvent | Rejected | None:
        if rule.row != "any" and (row.previous is None) != (rule.row == "first"):
            return None
        for condition in rule.conditions:
            verdict = condition.holds(row)
            if isinstance(verdict, Problem):
                return _rejected(rule, row, verdict)
            if not verdict:
                return None
        event = _event(rule, row)
        return _rejected(rule, row, event) if isinstance(event, Problem) else MappedEvent(event, row.file, row.line)


def _event(rule: EventRule, row: Row) -> dict[str, Json] | Problem:
    parts: dict[str, Outcome] = {
        "identifiers": rule.identifiers.of(row),
        "data": rule.data.of(row),
        "id": rule.id.of(row) if rule.id else _hash(rule, row),
        "time": rule.time.of(row) if rule.time else None,
    }
    for part in parts.values():
        if isinstance(part, Problem):
            return part
    if parts["identifiers"] is None:
        return Problem(", ".join(sorted(rule.identifiers.columns())), "", "at least one identifier is required")
    if parts["id"] is None:
        return Problem(", ".join(sorted(rule.id.columns() if rule.id else ())), "", "a value is required for the id")
    return _assemble(rule, parts)


def _assemble(rule: EventRule, parts: dict[str, Outcome]) -> dict[str, Json]:
    identifiers, data = parts["identifiers"], parts["data"]
    assert isinstance(identifiers, dict)
    event: dict[str, Json] = {
        "specversion": "1.0",
        "id": as_text(_json(parts["id"])),
        "source": rule.source,
        "type": rule.type,
    }
    if parts["time"] is not None:
        event["time"] = _json(parts["time"])
    event["data"] = {"identifiers": identifiers, **(data if isinstance(data, dict) else {})}
    return event


def _json(outcome: Outcome) -> Json:
    assert not isinstance(outcome, Problem)
    return outcome


def _hash(rule: EventRule, row: Row) -> str:
    content = orjson.dumps([rule.type, dict(row.values)], option=orjson.OPT_SORT_KEYS)
    return blake2b(content, digest_size=16).hexdigest()


def _rejected(rule: EventRule, row: Row, problem: Problem) -> Rejected:
    return Rejected(row.file, row.line, problem.column, problem.value[:200], problem.expected, rule.type)
