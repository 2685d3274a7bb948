"""One event type of the catalogue: its touchpoint, its compiled schema and its personal fields."""

from collections.abc import Mapping

import jsonschema_rs
import msgspec

from pipeline.catalogue.annotations import read_touchpoint, says_channel
from pipeline.catalogue.documents import Document, JsonObject
from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.personal import PersonalField, personal_fields
from pipeline.catalogue.topics import raw_topic
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.catalogue.violation import Violation, describe

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "touchline:///"
"""Base URI of the schemas: `../common.json` in any of them is `touchline:///common.json`. Nothing is fetched."""

_REFERENCES = 'Write "../common.json#/$defs/NAME" for a shared definition, "#/$defs/NAME" for one of this file'


class EventType(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue knows of an event type."""

    touchpoint: Touchpoint
    topic: str
    """The raw topic that its events come on: its family's."""
    schema: JsonObject
    """The JSON Schema as written."""
    validator: jsonschema_rs.Validator
    says_channel: bool
    """Whether `data.channel` overrides the channel of the touchpoint."""
    personal: tuple[PersonalField, ...]

    def violation(self, data: Mapping[str, object]) -> Violation | None:
        """The first place where `data` does not match the schema, or None.

        Finding all of them would take seconds on an array of a hundred thousand wrong elements.
        """
        if self.validator.is_valid(data):
            return None
        try:
            self.validator.validate(data)
        except jsonschema_rs.ValidationError as error:
            return describe(error)
        return None


def compile_event_type(document: Document, registry: jsonschema_rs.Registry) -> EventType:
    """Read the annotations of a schema and compile it.

    Raises:
        CatalogueError: The schema or an annotation is wrong.
    """
    if document.content.get("$schema") != DIALECT:
        raise CatalogueError(document.file, "$schema", "is another dialect or missing", f'Write "{DIALECT}"')
    if document.content.get("type") != "object":
        raise CatalogueError(document.file, "type", "is not object", 'Write "object": it describes `data`')
    touchpoint = read_touchpoint(document)
    return EventType(
        touchpoint=touchpoint,
        topic=raw_topic(touchpoint.family),
        schema=document.content,
        validator=_compile(document, registry),
        says_channel=says_channel(document),
        personal=personal_fields(document),
    )


def _compile(document: Document, registry: jsonschema_rs.Registry) -> jsonschema_rs.Validator:
    address = f"{BASE}{document.name.replace('.', '/')}.json"
    try:
        return jsonschema_rs.Draft202012Validator(
            document.content, registry=registry, base_uri=address, validate_formats=True, offline=True, mask="the value"
        )
    except jsonschema_rs.ValidationError as error:
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Referencing):
            problem = f"points to nothing: {error.message.partition(' is not present')[0].replace(BASE, '')}"
            raise CatalogueError(document.file, "$ref", problem, _REFERENCES) from error
        place, problem = "/".join(map(str, error.instance_path)), f"is no valid JSON Schema: {describe(error).message}"
        remedy = "See https://json-schema.org/understanding-json-schema"
        raise CatalogueError(document.file, place, problem, remedy) from error
