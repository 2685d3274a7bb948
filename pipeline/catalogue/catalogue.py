"""The catalogue: every event type that is understood, read from directories of JSON Schemas."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import jsonschema_rs

from pipeline.catalogue.documents import Document, JsonObject, schema_documents, shared_documents
from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.event_type import BASE, EventType, compile_event_type
from pipeline.catalogue.personal import ANNOTATION as PERSONAL
from pipeline.catalogue.personal import occurrences
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.catalogue.violation import Violation


class Catalogue:
    """Event types by name. Immutable."""

    def __init__(self, types: Mapping[str, EventType]) -> None:
        self.types: Mapping[str, EventType] = MappingProxyType(dict(sorted(types.items())))
        """Everything known of each type, in alphabetical order."""
        self.touchpoints: Mapping[str, Touchpoint] = MappingProxyType(
            {name: event_type.touchpoint for name, event_type in self.types.items()}
        )
        """The annotations of each type."""

    @classmethod
    def load(cls, directories: Iterable[Path]) -> "Catalogue":
        """Read and compile all schemas of the directories.

        Raises:
            CatalogueError: A file is not JSON, is not a valid schema, lacks an annotation or uses an unknown stage,
                moment, channel or family; or a type is defined twice.
        """
        roots = list(directories)
        registry = _registry(roots)
        seen: dict[str, Path] = {}
        types: dict[str, EventType] = {}
        for document in (document for root in roots for document in schema_documents(root)):
            _refuse_second(seen, document)
            types[document.name] = compile_event_type(document, registry)
        return cls(types)

    def validate(self, event_type: str, data: Mapping[str, object]) -> Violation | None:
        """The first place `(path, message)` where an event's `data` does not match its schema, or None.

        Raises:
            KeyError: The type is not in the catalogue.
        """
        return self.types[event_type].violation(data)


def _registry(roots: Iterable[Path]) -> jsonschema_rs.Registry:
    """The shared files by the URI that a schema's relative reference to them resolves to."""
    seen: dict[str, Path] = {}
    resources: list[tuple[str, JsonObject]] = []
    for document in (document for root in roots for document in shared_documents(root)):
        _refuse_second(seen, document)
        if occurrences(document.content):
            remedy = "Write it in the schema of each event type that has the field"
            raise CatalogueError(document.file, PERSONAL, "has no effect in a shared file", remedy)
        resources.append((BASE + document.name, document.content))
    return jsonschema_rs.Registry(resources)


def _refuse_second(seen: dict[str, Path], document: Document) -> None:
    if document.name in seen:
        problem = f"{document.name} is already defined in {seen[document.name]}"
        raise CatalogueError(document.file, "", problem, "Rename or remove one of them")
    seen[document.name] = document.file
