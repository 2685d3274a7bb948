"""CloudEvents over HTTP, by the HTTP protocol binding 1.0.2: structured, batched and binary content mode."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from pipeline.collecting.content import PLAIN_TYPES, media_type, read_json, unknown_media_type
from pipeline.collecting.fault import Fault, Kind
from pipeline.events.envelope import JsonObject
from pipeline.events.intake_policy import IntakePolicy

STRUCTURED: Final = "application/cloudevents+json"
BATCHED: Final = "application/cloudevents-batch+json"
ATTRIBUTE: Final = "ce-"
"""Prefix of the headers that carry attributes in binary mode."""


def read_events(headers: Mapping[str, str], body: bytes, policy: IntakePolicy) -> list[object] | Fault:
    """The events of a request, not yet validated.

    Plain application/json or text/plain, which name no content mode, hold one event or an array of events.

    Args:
        headers: With lower-case names.
        body: Without its content encoding.
        policy: How much one message may hold.
    """
    found = media_type(headers.get("content-type", ""))
    if isinstance(found, Fault):
        return found
    attributes = {name: value for name, value in headers.items() if name.startswith(ATTRIBUTE)}
    if attributes and not found.startswith("application/cloudevents"):
        return _binary(attributes, found, body, policy)
    if found not in PLAIN_TYPES | {STRUCTURED, BATCHED}:
        return unknown_media_type(found)
    content = read_json(body, policy)
    if isinstance(content, Fault):
        return content
    if found == STRUCTURED and content.is_array:
        return Fault(Kind.NOT_EVENTS, f"body: {STRUCTURED} holds one event: send an array as {BATCHED}")
    if found == BATCHED and not content.is_array:
        return Fault(Kind.NOT_EVENTS, f"body: {BATCHED} holds an array: send one event as {STRUCTURED}")
    return content.elements


def _binary(attributes: Mapping[str, str], found: str, body: bytes, policy: IntakePolicy) -> list[object] | Fault:
    """One event: its attributes are headers, its data is the body."""
    if not (found == "application/json" or found.endswith("+json")):
        detail = (
            f"Content-Type: {found[:100] or 'it is missing'}. In binary mode the body is the event's data, which must "
        )
        return Fault(Kind.MEDIA_TYPE, detail + "be JSON: send application/json")
    content = read_json(body, policy)
    if isinstance(content, Fault):
        return content
    event: JsonObject = {name.removeprefix(ATTRIBUTE): _decoded(value) for name, value in attributes.items()}
    event["data"] = content.elements if content.is_array else content.elements[0]
    return [event]


def _decoded(value: str) -> str:
    """A header's value: without quotation marks around it, and percent-decoded (section 3.1.3.2)."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return unquote(value, errors="replace").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
