"""Writes small catalogues for the tests of the loader."""

from collections.abc import Mapping
from pathlib import Path

import orjson

DIALECT = "https://json-schema.org/draft/2020-12/schema"

JsonObject = dict[str, object]


def annotation(**changes: object) -> JsonObject:
    """A valid annotation with some changes; `...` leaves a field out."""
    fields: JsonObject = {
        "touchpoint": "locker",
        "stage": "receive",
        "moment": None,
        "channel": "courier",
        "owner": "logistics",
        **changes,
    }
    return {field: value for field, value in fields.items() if value is not ...}


def schema(
    properties: Mapping[str, object] | None = None,
    *,
    dialect: object = DIALECT,
    notes: object = None,
    **changes: object,
) -> JsonObject:
    """A valid schema with some changes; `...` leaves a field out."""
    fields: JsonObject = {
        "$schema": dialect,
        "x-touchline": annotation() if notes is None else notes,
        "type": "object",
        "properties": {"identifiers": {"type": "object"}, **(properties or {})},
        **changes,
    }
    return {field: value for field, value in fields.items() if value is not ...}


def write(directory: Path, name: str, content: object) -> Path:
    """Write a file, as JSON unless it is bytes already."""
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return file
