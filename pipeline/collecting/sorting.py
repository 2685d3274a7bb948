"""Sort events by topic, pack them into messages, and refuse those that cannot be sent."""

from collections.abc import Iterable
from typing import Final

import msgspec
import orjson

from pipeline.events.encode import encode
from pipeline.events.packing import Pack
from pipeline.events.routing import Unroutable, topic_of

LARGEST_EVENT_BYTES: Final = 1_000_000
"""A Kafka broker takes messages of up to 1 MiB by default."""


class Refused(msgspec.Struct, frozen=True):
    """An event that was not taken."""

    index: int
    """Its place in the request, from 0."""
    field: str
    """Where it is wrong; empty for the whole event."""
    detail: str


class Sorted(msgspec.Struct, frozen=True):
    """What becomes of a request's events."""

    packs: list[Pack]
    refused: list[Refused]


def sort_events(events: Iterable[object]) -> Sorted:
    """Sort events by the family of their type, keeping their order. An `Unroutable` is refused for its own reason."""
    packs: list[Pack] = []
    refused: list[Refused] = []
    filling: dict[str, Pack] = {}
    for index, event in enumerate(events):
        placed = _placed(event)
        if isinstance(placed, Unroutable):
            refused.append(Refused(index, placed.field, placed.detail))
            continue
        topic, encoded = placed
        pack = filling.get(topic)
        if pack is None or not pack.takes(encoded):
            pack = filling[topic] = Pack(topic, [], [])
            packs.append(pack)
        pack.add(encoded, index)
    return Sorted(packs, refused)


def _placed(event: object) -> tuple[str, bytes] | Unroutable:
    """The topic of an event, and its bytes."""
    topic = event if isinstance(event, Unroutable) else topic_of(event)
    if isinstance(topic, Unroutable):
        return topic
    encoded = _encoded(event)
    return encoded if isinstance(encoded, Unroutable) else (topic, encoded)


def _encoded(event: object) -> bytes | Unroutable:
    try:
        encoded = encode(event)
    except orjson.JSONEncodeError:
        return Unroutable("", "nested too deeply to be handled: send a flatter event")
    if len(encoded) > LARGEST_EVENT_BYTES:
        return Unroutable("", f"has {len(encoded)} bytes, at most {LARGEST_EVENT_BYTES} are taken: send less with it")
    return encoded
