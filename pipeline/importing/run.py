"""A whole import: files in, events and rejections out."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from pipeline.importing.assignment import assign
from pipeline.importing.mapper import MappedEvent, Mapper
from pipeline.importing.mapping import Mapping, Source
from pipeline.importing.reading import check_columns, read_rows
from pipeline.importing.row import Rejected, Row, Table, Values, as_text
from pipeline.importing.unseen import Unseen


class Unmapped(msgspec.Struct, frozen=True):
    """A row that matched no event of the mapping."""

    file: str
    line: int


OpenLines = Callable[[str, str], Iterable[str]]
"""Gives a file's lines, with line ends, by path and encoding; bytes it cannot decode become surrogate escapes."""


def run(
    mapping: Mapping, files: Sequence[str], open_lines: OpenLines, unseen: Unseen | None = None
) -> Iterator[MappedEvent | Rejected | Unmapped]:
    """Import files by a mapping: lookups are read into memory first, then the inputs row by row.

    Args:
        mapping: What to make of the rows.
        files: Their paths.
        open_lines: Opens one.
        unseen: Is shown every row.

    Raises:
        MappingError: Before the first event: a file is missing, or lacks a column that the mapping uses.
    """
    homes = assign(mapping, files)
    for name, source in mapping.inputs.items():
        for file in homes[name]:
            check_columns(open_lines(file, source.encoding), file, source)
    unseen = unseen or Unseen()
    tables: dict[str, Table] = {}
    for name, lookup in mapping.lookups.items():
        tables[name] = Table()
        for file in homes[name]:
            rows = read_rows(open_lines(file, lookup.encoding), file, lookup, mapping.missing)
            yield from _fill(tables[name], lookup, _shown(rows, lookup, unseen))
    mapper = Mapper(mapping, tables)
    for name, source in mapping.inputs.items():
        for file in homes[name]:
            rows = read_rows(open_lines(file, source.encoding), file, source, mapping.missing)
            for row in _shown(rows, source, unseen):
                yield from _map(mapper, name, row)


def _shown(rows: Iterable[Row | Rejected], source: Source, unseen: Unseen) -> Iterator[Row | Rejected]:
    for row in rows:
        if isinstance(row, Row):
            unseen.look(source, row)
        yield row


def _fill(table: Table, lookup: Source, rows: Iterable[Row | Rejected]) -> Iterator[Rejected]:
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        key = row.values.get(lookup.key)
        if key is not None:
            table.add(as_text(key), _only(row.values, lookup.columns))


def _only(values: Values, columns: frozenset[str]) -> Values:
    return {name: value for name, value in values.items() if name in columns}


def _map(mapper: Mapper, name: str, row: Row | Rejected) -> Iterator[MappedEvent | Rejected | Unmapped]:
    if isinstance(row, Rejected):
        yield row
        return
    outcomes = mapper.map(name, row)
    yield from outcomes
    if not outcomes:
        yield Unmapped(row.file, row.line)
