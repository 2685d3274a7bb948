"""Third step: the attributes of CloudEvents 1.0, structured JSON."""

import msgspec

from pipeline.events.dead_letter import Reason
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection

JsonObject = dict[str, object]

SPECVERSION = "1.0"


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A CloudEvents event with the attributes that are used; others are ignored, as the specification asks."""

    id: str
    source: str
    type: str
    time: object
    """As sent; None if absent."""
    data: JsonObject


def read_envelope(element: object, policy: IntakePolicy) -> Envelope | Rejection:
    """Check the required attributes and `data`."""
    if not isinstance(element, dict):
        return _no_event("an event must be a JSON object with specversion, id, source, type and data")
    if element.get("specversion") != SPECVERSION:
        return _no_event('specversion: must be "1.0": send CloudEvents 1.0')
    event_id = _required_text(element, "id", policy.max_id_length)
    if isinstance(event_id, Rejection):
        return event_id
    source = _required_text(element, "source", policy.max_source_length)
    if isinstance(source, Rejection):
        return source
    event_type = element.get("type")
    if not isinstance(event_type, str) or not event_type:
        return _no_event("type: must be the name of an event type, e.g. web.page_viewed")
    data = element.get("data")
    if not isinstance(data, dict):
        encoded = "data_base64 is not read: " if "data_base64" in element else ""
        return _no_event(f"data: {encoded}must be a JSON object")
    return Envelope(event_id, source, event_type, element.get("time"), data)


def given_type(element: object) -> str:
    """The type of an element that need not be an event; empty if it has none."""
    event_type = element.get("type") if isinstance(element, dict) else None
    return event_type if isinstance(event_type, str) else ""


def _required_text(element: JsonObject, name: str, limit: int) -> str | Rejection:
    value = element.get(name)
    if not isinstance(value, str) or not value:
        return _no_event(f"{name}: must be a text that is not empty")
    if len(value) > limit:
        return _no_event(f"{name}: has {len(value)} characters, at most {limit} are taken")
    if not value.isprintable() and any(_is_control(character) for character in value):
        return _no_event(f"{name}: must not hold control characters (CloudEvents 1.0, type system)")
    return value


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


def _no_event(detail: str) -> Rejection:
    return Rejection(Reason.NOT_AN_EVENT, detail)
