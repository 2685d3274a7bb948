"""The content of a request: its media type, and its JSON."""

from email.message import Message
from typing import Final

from pipeline.collecting.fault import Fault, Kind
from pipeline.events.dead_letter import Reason
from pipeline.events.decode import Decoded, decode
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection

PLAIN_TYPES: Final = frozenset({"application/json", "text/plain"})
"""Browsers send text/plain to avoid a CORS preflight: `sendBeacon` does, and so does Segment's own library."""
UTF8: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})


def media_type(content_type: str) -> str | Fault:
    """The media type without its parameters, in lower case; a charset other than UTF-8 is refused."""
    header = Message()
    header["Content-Type"] = content_type
    if str(header.get_param("charset") or "").lower() not in UTF8:
        return Fault(Kind.MEDIA_TYPE, "Content-Type: the charset must be UTF-8: encode the body so")
    return content_type.partition(";")[0].strip().lower()


def plain_media_type(content_type: str) -> Fault | None:
    """The fault of a media type other than `PLAIN_TYPES`; None if it is one of them."""
    found = media_type(content_type)
    if isinstance(found, Fault):
        return found
    return None if found in PLAIN_TYPES else unknown_media_type(found)


def unknown_media_type(found: str) -> Fault:
    """The fault of a media type that the collector does not read."""
    hint = " (curl's default: add -H 'Content-Type: application/json')" if "form-urlencoded" in found else ""
    return Fault(
        Kind.MEDIA_TYPE,
        f"Content-Type: {found[:100] or 'it is missing'}{hint}. Send application/json, application/cloudevents+json, "
        "application/cloudevents-batch+json, or text/plain with JSON in it",
    )


def read_json(body: bytes, policy: IntakePolicy) -> Decoded | Fault:
    """Decode the JSON of a body: the elements of an array, or any other value as the only element."""
    found = decode(body, policy)
    if not isinstance(found, Rejection):
        return found
    kind = Kind.TOO_LARGE if found.reason is Reason.TOO_LARGE else Kind.NOT_JSON
    return Fault(kind, f"body: {found.detail}")
