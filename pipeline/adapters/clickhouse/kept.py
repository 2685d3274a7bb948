"""The packed column of a touchpoint: what a worker needs besides the event's id, its data and its journey.

A load pays for every column of every granule that it reads; one packed column costs a third of eleven plain ones.
"""

from typing import Final

import msgspec

from pipeline.events.event import Event
from pipeline.identity.messages import Hop, Touch
from pipeline.stitching.changes import StoredTouch


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Fields may be appended, with defaults; none may be moved or removed."""

    source: str
    type: str
    time: int
    received_at: int
    identifiers: tuple[str, ...]
    channel: str
    probe: bool
    digest: int
    as_of: int
    route: tuple[Hop, ...] = ()
    copies: tuple[Touch, ...] = ()


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Kept).decode


def pack(touch: StoredTouch) -> bytes:
    """The packed column of a touchpoint."""
    event = touch.event
    # The encoding of a `_Kept`, without creating one.
    return _encode(
        (
            event.source,
            event.type,
            event.time,
            event.received_at,
            event.identifiers,
            event.channel,
            event.probe,
            event.digest,
            touch.as_of,
            touch.route,
            touch.copies,
        )
    )


def unpack(kept: bytes, event_id: str, data: bytes, journey_id: str) -> StoredTouch:
    """The touchpoint from its packed column and the plain ones."""
    row = _decode(kept)
    event = Event(
        row.source,
        event_id,
        row.type,
        row.time,
        row.received_at,
        row.identifiers,
        row.channel,
        row.probe,
        row.digest,
        data,
    )
    return StoredTouch(event, row.as_of, row.route, journey_id, row.copies)
