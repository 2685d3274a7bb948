"""Why a request is refused."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What is wrong, as problem documents name it."""

    NOT_JSON = "not-json"
    NOT_EVENTS = "not-events"
    REFUSED_EVENTS = "refused-events"
    TOO_LARGE = "too-large"
    MEDIA_TYPE = "media-type"
    ENCODING = "encoding"
    DAMAGED = "damaged"
    WRITE_KEY = "write-key"
    ORIGIN = "origin"
    TOO_SLOW = "too-slow"
    BUSY = "busy"
    NO_BROKER = "no-broker"
    NOT_FOUND = "not-found"
    METHOD = "method"
    INTERNAL = "internal"


class Fault(msgspec.Struct, frozen=True):
    """A refused request: what is wrong, where, and what to do. It quotes at most headers and event types."""

    kind: Kind
    detail: str
