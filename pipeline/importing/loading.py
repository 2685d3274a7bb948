"""Reads a mapping file."""

import tomllib
from collections.abc import Collection

import msgspec

from pipeline.importing.condition_parsing import parse_conditions
from pipeline.importing.mapping import FORMATS, ROWS, EventRule, Mapping, Source
from pipeline.importing.section import MappingError, Section, nearest
from pipeline.importing.value import Fields, Value
from pipeline.importing.value_parsing import ValueParser


def parse_mapping(text: str, file: str, types: Collection[str] = (), namespaces: Collection[str] = ()) -> Mapping:
    """Read a mapping from the text of a TOML file.

    Args:
        text: The file's content.
        file: Its name, for messages.
        types: The event types of the catalogue; empty: any type is taken.
        namespaces: The known identifier namespaces; empty: any is taken.

    Raises:
        MappingError: Something in it is wrong; the message names file, place, key and what is expected.
    """
    try:
        top = Section(tomllib.loads(text), "", file)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{file}: this is not TOML: {error}") from error
    return _Reader(top, frozenset(types), frozenset(namespaces)).mapping()


class _Reader:
    def __init__(self, top: Section, types: frozenset[str], namespaces: frozenset[str]) -> None:
        self._top = top
        self._types = types
        self._namespaces = namespaces
        self._name = top.text("name")
        self._source = top.text("source", f"/import/{self._name}")
        inputs = top.section("inputs")
        self._inputs = {name: _source(inputs.section(name), name, "group") for name in inputs.keys}
        lookups = top.section("lookups")
        self._lookups = {name: _source(lookups.section(name), name, "key") for name in lookups.keys}
        self._values = ValueParser(
            top.texts("formats", ("iso",)),
            top.text("timezone", "UTC"),
            top.choice("decimal", (".", ","), "."),
            {name: source.key for name, source in self._lookups.items()},
        )
        self._values.moments(top)

    def mapping(self) -> Mapping:
        """Read everything."""
        if not self._inputs:
            raise self._top.error("at least one input is expected, as [inputs.NAME]", "inputs")
        rules = self._top.sections("events")
        if not rules:
            raise self._top.error("at least one event is expected, as [[events]]", "events")
        columns: dict[str, set[str]] = {name: {source.key} - {""} for name, source in self._inputs.items()}
        events = tuple(self._rule(rule, columns) for rule in rules)
        mapping = Mapping(
            name=self._name,
            description=self._top.text("description", ""),
            missing=frozenset(self._top.texts("missing")) | {""},
            inputs={name: _with_columns(source, columns[name], events) for name, source in self._inputs.items()},
            lookups={name: _with_columns(source, self._columns_there(name)) for name, source in self._lookups.items()},
            events=events,
        )
        self._top.finish()
        return mapping

    def _rule(self, table: Section, columns: dict[str, set[str]]) -> EventRule:
        type_ = table.text("type")
        if self._types and type_ not in self._types:
            raise table.error(f"there is no event type '{type_}'; {_near(type_, self._types)}", "type")
        source = self._inputs[self._input(table)]
        conditions = parse_conditions(table.section("when"), bool(source.key), self._values.decimal)
        row = table.choice("row", ROWS, "any")
        if row != "any" and not source.key:
            raise table.error("only an input with a 'group' column has first and later rows", "row")
        rule = EventRule(
            input=source.name,
            type=type_,
            id=self._id(table),
            source=table.text("source", self._source),
            time=self._time(table),
            row=row,
            conditions=conditions,
            data=self._data(table),
            identifiers=self._identifiers(table),
        )
        table.finish()
        used = [value.columns() for value in (rule.id, rule.time, rule.identifiers, rule.data) if value]
        columns[source.name].update(*used, (condition.column for condition in conditions))
        return rule

    def _input(self, table: Section) -> str:
        names = list(self._inputs)
        if len(names) == 1 and "from" not in table:
            table.text("from", names[0])
            return names[0]
        return table.choice("from", names, "")

    def _id(self, table: Section) -> Value | None:
        if "id" not in table:
            table.get("id")
            return None
        raw = table.get("id")
        if not isinstance(raw, str):
            return self._values.parse(table, "id", "text")
        template = self._values.template(raw)
        if not template.names:
            raise table.error("a template with a {column} is expected, or all events would have one id", "id")
        return template

    def _time(self, table: Section) -> Value | None:
        if "time" not in table:
            table.get("time")
            return None
        return self._values.parse(table, "time", "time", required=True)

    def _identifiers(self, table: Section) -> Value:
        section = table.section("identifiers")
        if not section.keys:
            raise table.error("at least one identifier is expected", "identifiers")
        for namespace in section.keys:
            if self._namespaces and namespace not in self._namespaces:
                known = nearest(namespace, self._namespaces)
                raise section.error(f"the namespace is not known; {known}", namespace)
        return Fields({name: self._values.parse(section, name, "text") for name in section.keys})

    def _data(self, table: Section) -> Value:
        section = table.section("data")
        if "identifiers" in section:
            raise section.error("identifiers belong beside data, not in it; expected identifiers.NAME", "identifiers")
        return self._values.fields(section)

    def _columns_there(self, name: str) -> set[str]:
        used = [value.columns_there() for value in self._values.looked_up if value.table == name]
        return {self._lookups[name].key}.union(*used)


def _source(table: Section, name: str, key: str) -> Source:
    delimiter = table.text("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise table.error(
            f'one character is expected, such as ";" or "\\t" in double quotes, found {delimiter!r}', "delimiter"
        )
    source = Source(
        name=name,
        file=table.text("file", ""),
        format=table.choice("format", ("", *FORMATS), ""),
        delimiter=delimiter,
        encoding=table.text("encoding", "utf-8"),
        key=table.text(key, "" if key == "group" else None),
    )
    table.finish()
    return source


def _with_columns(source: Source, columns: set[str], events: tuple[EventRule, ...] = ()) -> Source:
    whole = any(rule.id is None for rule in events if rule.input == source.name)
    return msgspec.structs.replace(source, columns=frozenset(columns), whole=whole)


def _near(type_: str, types: frozenset[str]) -> str:
    family = [known for known in types if known.partition(".")[0] == type_.partition(".")[0]]
    return nearest(type_, family or types)
