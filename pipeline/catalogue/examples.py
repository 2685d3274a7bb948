"""The examples beside each schema: `<name>.examples.json` with valid and invalid ones."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.documents import Document, JsonObject, example_documents
from pipeline.catalogue.error import CatalogueError

ENOUGH = 2
"""How many valid and how many invalid examples each type must have."""


class InvalidExample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is rejected: the `data` of an event, or a whole event."""

    reason: str
    """What is wrong, in words."""
    field: str
    """Path of the field that the rejection must name, from `data` (or, for a whole event, from the event) down."""
    data: JsonObject | None = None
    event: JsonObject | None = None


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The examples of one event type."""

    valid: list[JsonObject]
    """`data` of accepted events."""
    invalid: list[InvalidExample]


def load_examples(directories: Iterable[Path]) -> Mapping[str, Examples]:
    """Read the examples by event type.

    Raises:
        CatalogueError: A file is not JSON or does not have the form of `Examples`.
    """
    documents = (document for root in directories for document in example_documents(root))
    return {document.name: _read(document) for document in documents}


def example_problems(catalogue: Catalogue, examples: Mapping[str, Examples]) -> list[str]:
    """What is wrong with the examples, one line each: too few, orphaned, or not behaving as they say.

    Whole events are not checked here: that needs the intake.
    """
    orphans = [f"{name}: examples without a schema" for name in examples if name not in catalogue.types]
    return orphans + [line for name in catalogue.types for line in _problems(catalogue, name, examples.get(name))]


def _read(document: Document) -> Examples:
    try:
        return msgspec.convert(document.content, Examples)
    except msgspec.ValidationError as error:
        remedy = 'Write {"valid": [data, …], "invalid": [{"data" or "event", "reason", "field"}, …]}'
        raise CatalogueError(document.file, "", f"has another form: {error}", remedy) from error


def _problems(catalogue: Catalogue, name: str, examples: Examples | None) -> Iterator[str]:
    if examples is None:
        yield f"{name}: no examples beside the schema"
        return
    if len(examples.valid) < ENOUGH or len(examples.invalid) < ENOUGH:
        yield f"{name}: {ENOUGH} valid and {ENOUGH} invalid examples are needed"
    for place, data in enumerate(examples.valid):
        if violation := catalogue.validate(name, data):
            yield f"{name}: valid[{place}] is rejected: {violation.path} {violation.message}"
    for place, example in enumerate(examples.invalid):
        yield from _invalid_problems(catalogue, name, place, example)


def _invalid_problems(catalogue: Catalogue, name: str, place: int, example: InvalidExample) -> Iterator[str]:
    if (example.data is None) == (example.event is None):
        yield f"{name}: invalid[{place}] needs either data or event"
    elif example.data is not None:
        violation = catalogue.validate(name, example.data)
        if violation is None:
            yield f"{name}: invalid[{place}] is accepted"
        elif violation.path != example.field:
            yield f"{name}: invalid[{place}] is rejected for {violation.path}, not for {example.field}"
