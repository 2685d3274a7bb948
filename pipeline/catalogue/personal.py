"""The annotation `x-personal`: attribute fields that are dropped or hashed before an event leaves the intake."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from pipeline.catalogue.documents import Document
from pipeline.catalogue.error import CatalogueError

ANNOTATION = "x-personal"
EACH = "*"
"""The part of a path that stands for every element of an array."""


class Treatment(StrEnum):
    """What happens to a personal field."""

    DROP = "drop"
    HASH = "hash"


class PersonalField(NamedTuple):
    """A personal field of an event type."""

    path: tuple[str, ...]
    """Property names from `data` down; `*` for every element of an array."""
    treatment: Treatment


def personal_fields(document: Document) -> tuple[PersonalField, ...]:
    """Collect the personal fields of a schema, in the order they are written.

    Raises:
        CatalogueError: A treatment is unknown, or the annotation is written where it would have no effect: it must be
            on a property that is reached through `properties` and `items` alone.
    """
    found = tuple(_walk(document, document.content, ()))
    if len(found) != occurrences(document.content):
        remedy = "Write it on a property itself, not inside $defs, allOf, anyOf, if or then"
        raise CatalogueError(document.file, ANNOTATION, "stands where it has no effect", remedy)
    return found


def _walk(document: Document, schema: object, path: tuple[str, ...]) -> Iterator[PersonalField]:
    if not isinstance(schema, dict):
        return
    if ANNOTATION in schema:
        yield PersonalField(path, _treatment(document, path, schema[ANNOTATION]))
    for name, prop in schema.get("properties", {}).items():
        yield from _walk(document, prop, (*path, name))
    yield from _walk(document, schema.get("items"), (*path, EACH))


def _treatment(document: Document, path: tuple[str, ...], value: object) -> Treatment:
    place = f"{'.'.join(path)}.{ANNOTATION}"
    if value not in tuple(Treatment) or not path or path[0] == "identifiers":
        remedy = 'Write "drop" or "hash", on a field that is no identifier'
        raise CatalogueError(document.file, place, f"{value!r} is not possible here", remedy)
    return Treatment(str(value))


def occurrences(node: object) -> int:
    """How often the annotation is written anywhere in a document."""
    if isinstance(node, dict):
        return (ANNOTATION in node) + sum(occurrences(child) for child in node.values())
    if isinstance(node, list):
        return sum(occurrences(child) for child in node)
    return 0
