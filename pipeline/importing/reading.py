"""Rows of CSV, NDJSON and JSON files."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from pipeline.importing.mapping import Source
from pipeline.importing.row import Json, Rejected, Row, Values
from pipeline.importing.section import MappingError, nearest

DELIMITERS: Final = (",", ";", "\t", "|")
"""The usual delimiters of CSV files."""
UNDECODABLE: Final = "text in the file's encoding is expected; set 'encoding'"


def read_rows(lines: Iterable[str], file: str, source: Source, missing: frozenset[str]) -> Iterator[Row | Rejected]:
    """Read a file's rows; cells are trimmed, and those that count as missing are left out.

    Raises:
        MappingError: The file's first line is not a CSV row, or lacks a column that the mapping uses.
    """
    kind = _format_of(file, source)
    if kind == "csv":
        yield from _read_csv(lines, file, source, missing)
    elif kind == "ndjson":
        yield from _read_ndjson(lines, file, missing)
    else:
        yield from _read_json("".join(lines), file, missing)


def check_columns(lines: Iterable[str], file: str, source: Source) -> None:
    """Check only the column names of a CSV file; other formats have no header to check.

    Raises:
        MappingError: As `read_rows`.
    """
    if has_header(file, source):
        _read_header(csv.reader(lines, delimiter=source.delimiter, strict=True), file, source)


def has_header(file: str, source: Source) -> bool:
    """Whether the file's first line has the names of its columns."""
    return _format_of(file, source) == "csv"


def _format_of(file: str, source: Source) -> str:
    if source.format:
        return source.format
    name = file.lower().removesuffix(".gz")
    if name.endswith((".ndjson", ".jsonl")):
        return "ndjson"
    return "json" if name.endswith(".json") else "csv"


def _read_csv(lines: Iterable[str], file: str, source: Source, missing: frozenset[str]) -> Iterator[Row | Rejected]:
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    header = _read_header(reader, file, source)
    wanted = [(place, name) for place, name in enumerate(header) if source.whole or name in source.columns]
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Rejected(file, line, "", "", f"this is not a CSV row: {error}")
            line = reader.line_num + 1
            continue
        if cells is None:
            return
        if cells:
            yield _csv_row(wanted, len(header), cells, file, line, missing)
        line = reader.line_num + 1


def _csv_row(
    wanted: list[tuple[int, str]], width: int, cells: list[str], file: str, line: int, missing: frozenset[str]
) -> Row | Rejected:
    if len(cells) != width:
        return Rejected(file, line, "", "", f"{width} cells are expected as in the first line, found {len(cells)}")
    values: dict[str, Json] = {}
    for place, name in wanted:
        text = cells[place].strip()
        if text in missing:
            continue
        if not text.isascii() and _is_undecodable(text):
            return Rejected(file, line, name, _printable(text), UNDECODABLE)
        values[name] = text
    return Row(values, file, line)


def _read_header(reader: Iterator[list[str]], file: str, source: Source) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise MappingError(f"{file}: the first line is not a CSV row of column names: {error}") from error
    _check_header(header, file, source)
    return header


def _check_header(header: list[str], file: str, source: Source) -> None:
    for column in sorted(source.columns):
        if column not in header:
            raise MappingError(
                f"{file}: there is no column '{column}' for '{source.name}'; {_instead(column, header, source)}"
            )
    read = {name for name in header if name in source.columns or (source.whole and name)}
    doubled = next((name for name in header if header.count(name) > 1 and name in read), "")
    if doubled:
        raise MappingError(f"{file}: there are two columns '{doubled}'; rename one of them")
    if unknown := next((name for name in header if name in read and _is_undecodable(name)), ""):
        raise MappingError(
            f"{file}: the column '{_printable(unknown)}' is no text in the file's encoding; set 'encoding'"
        )


def _instead(column: str, header: list[str], source: Source) -> str:
    """A hint for a missing column: the known columns, or the usual cause where they cannot be read."""
    if not header:
        return "the first line is empty; the names of the columns are expected there"
    if header[0].startswith("PK\3\4"):
        return "the file is an archive or a spreadsheet: unpack it, or save it as CSV"
    if any("\0" in name for name in header):
        return "the file looks like UTF-16: set 'encoding' to \"utf-16\""
    choice = nearest(column, map(_printable, header))
    if len(header) > 1 or (other := _likely_delimiter(header[0])) in ("", source.delimiter):
        return choice
    return f"{choice}. That is one column: set 'delimiter' to {json.dumps(other)}?"


def _likely_delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count) if any(mark in line for mark in DELIMITERS) else ""


def _read_ndjson(lines: Iterable[str], file: str, missing: frozenset[str]) -> Iterator[Row | Rejected]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _json_row(orjson.loads(line), file, number, missing)
            except orjson.JSONDecodeError as error:
                yield _no_json(line, file, number, "a JSON object", error)


def _read_json(text: str, file: str, missing: frozenset[str]) -> Iterator[Row | Rejected]:
    try:
        document: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        yield _no_json(text, file, error.lineno, "a JSON array of objects", error)
        return
    for number, item in enumerate(document if isinstance(document, list) else [document], 1):
        yield _json_row(item, file, number, missing)


def _no_json(text: str, file: str, line: int, what: str, error: orjson.JSONDecodeError) -> Rejected:
    if _is_undecodable(text):
        return Rejected(file, line, "", _printable(text.strip()), UNDECODABLE)
    rest = text[error.pos :].split("\n", 1)[0].strip()
    return Rejected(file, line, "", rest[:80], f"{what} is expected: {error.msg}")


def _json_row(document: object, file: str, number: int, missing: frozenset[str]) -> Row | Rejected:
    if not isinstance(document, dict):
        return Rejected(file, number, "", str(document)[:80], "a JSON object is expected")
    return Row(dict(_flatten(document, "", missing)), file, number)


def _flatten(document: Values, prefix: str, missing: frozenset[str]) -> Iterator[tuple[str, Json]]:
    """Cells by dotted path: `{"user": {"id": 1}}` has the column `user.id`, and `user` as a whole too."""
    for name, value in document.items():
        if value is None or (isinstance(value, str) and value.strip() in missing):
            continue
        yield prefix + name, value.strip() if isinstance(value, str) else value
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.", missing)


def _is_undecodable(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:80]
