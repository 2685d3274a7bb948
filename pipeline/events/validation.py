"""Seventh step: `data` against the JSON Schema of its type."""

from pipeline.catalogue.event_type import EventType
from pipeline.events.dead_letter import Reason
from pipeline.events.envelope import JsonObject
from pipeline.events.rejection import Rejection


def mismatch(data: JsonObject, event_type: EventType) -> Rejection | None:
    """What does not match the schema, if anything."""
    if "probe" in data and not isinstance(data["probe"], bool):
        return Rejection(Reason.INVALID_DATA, "data.probe: must be true or false")
    violation = event_type.violation(data)
    if violation is None:
        return None
    field = f"data.{violation.path}" if violation.path else "data"
    remedy = f"see the schema of {event_type.touchpoint.type}"
    return Rejection(Reason.INVALID_DATA, f"{field}: {violation.message}; {remedy}")
