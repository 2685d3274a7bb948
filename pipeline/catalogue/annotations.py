"""The annotation `x-touchline` of a schema: which touchpoint, stage, moment, channel and owner a type has."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import cast

from pipeline.catalogue.documents import Document, JsonObject
from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.touchpoint import CHANNELS, MOMENTS, STAGES, Touchpoint

ANNOTATION = "x-touchline"
FIELDS = ("touchpoint", "stage", "moment", "channel", "owner")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_touchpoint(document: Document) -> Touchpoint:
    """Read the annotation of a schema.

    Raises:
        CatalogueError: It is missing, incomplete, or uses a word that is not in the vocabulary.
    """
    annotation = document.content.get(ANNOTATION)
    if not isinstance(annotation, dict):
        raise CatalogueError(document.file, ANNOTATION, "is missing", f"Add an object with {', '.join(FIELDS)}")
    _name(document, "file name", document.file.stem)
    _require_known_fields(document, annotation)
    return Touchpoint(
        type=document.name,
        touchpoint=_name(document, f"{ANNOTATION}.touchpoint", annotation["touchpoint"]),
        stage=_choice(document, "stage", annotation["stage"], STAGES),
        moment="" if annotation["moment"] is None else _choice(document, "moment", annotation["moment"], MOMENTS),
        channel=_choice(document, "channel", annotation["channel"], CHANNELS),
        owner=_name(document, f"{ANNOTATION}.owner", annotation["owner"]),
    )


def says_channel(document: Document) -> bool:
    """Whether events of this type may name their own channel: the schema has a property `channel`.

    Raises:
        CatalogueError: The property has no `enum`, or one with values that are not channels of the catalogue.
    """
    properties = cast(JsonObject, document.content.get("properties", {}))
    if "channel" not in properties:
        return False
    prop = properties["channel"]
    allowed = prop.get("enum") if isinstance(prop, dict) else None
    if not isinstance(allowed, list) or not allowed or not set(map(str, allowed)) <= set(CHANNELS):
        remedy = f'Give it "enum" with some of: {", ".join(CHANNELS)}'
        raise CatalogueError(document.file, "properties.channel", "is not limited to known channels", remedy)
    return True


def _require_known_fields(document: Document, annotation: JsonObject) -> None:
    missing = [field for field in FIELDS if field not in annotation]
    if missing:
        remedy = f'Add "{missing[0]}"' + (", null where there is none" if missing[0] == "moment" else "")
        raise CatalogueError(document.file, f"{ANNOTATION}.{missing[0]}", "is missing", remedy)
    for field in annotation:
        if field not in FIELDS:
            raise CatalogueError(document.file, f"{ANNOTATION}.{field}", "is unknown", _suggestion(field, FIELDS))


def _choice(document: Document, field: str, value: object, known: Collection[str]) -> str:
    if not isinstance(value, str) or value not in known:
        problem = f"{value!r} is no {field}"
        raise CatalogueError(document.file, f"{ANNOTATION}.{field}", problem, _suggestion(str(value), known))
    return value


def _name(document: Document, place: str, value: object) -> str:
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        remedy = "Use lower-case letters, digits and underscores, a letter first: it becomes a metric label"
        raise CatalogueError(document.file, place, f"{value!r} is no name", remedy)
    return value


def _suggestion(word: str, known: Collection[str]) -> str:
    nearest = get_close_matches(word, known, n=1)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}Known: {', '.join(known)}"
