"""A rejected message that is sent again: which dead letter it was, and when it was first received."""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

HEADER: Final = "touchline-replay"
"""The Kafka header that carries a `Replay`. A header, because nothing that a customer's device sends can set one."""

_Positive31 = Annotated[int, Meta(ge=0, lt=2**31)]


class Replay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The identity of the dead letter that a record repeats.

    What is rejected again replaces that letter instead of adding one. The bounds are those of the table's columns.
    """

    topic: Annotated[str, Meta(min_length=1, max_length=249)]
    partition: Annotated[int, Meta(ge=-1, lt=2**31)]
    offset: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    index: _Positive31
    received_at: Annotated[int, Meta(ge=0, lt=2**47)]
    """When the rejected message was received; also the time of an event that has none. Milliseconds since the epoch."""
    attempt: Annotated[int, Meta(ge=1, lt=2**31)]
    """How often the letter has been replayed, this time included."""


_decode: Final = msgspec.json.Decoder(Replay).decode


def replay_header(replay: Replay) -> tuple[str, bytes]:
    """The header to send with a replayed message."""
    return HEADER, msgspec.json.encode(replay)


def read_replay(headers: Iterable[tuple[str, bytes | None]]) -> Replay | None:
    """The `Replay` in a record's headers; None if there is none, or it cannot be read."""
    for name, value in headers:
        if name == HEADER and value is not None:
            try:
                return _decode(value)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return None
    return None
