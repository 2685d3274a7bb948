"""Route a line of NDJSON to its topic."""

from codecs import BOM_UTF8
from collections.abc import Sequence

import msgspec
import orjson

from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.events.decode import undecodable
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.routing import Unroutable, topic_of


class Routed(msgspec.Struct, frozen=True):
    """An event and the topic that takes it."""

    topic: str
    event: bytes


class Refused(msgspec.Struct, frozen=True):
    """A line that cannot be sent, and why."""

    reason: str


def route(line: bytes, families: Sequence[str] = FAMILIES) -> Routed | Refused | None:
    """Find the topic of an event by its type's family; None for an empty line. A byte order mark is ignored."""
    text = line.removeprefix(BOM_UTF8).strip()
    if not text:
        return None
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Refused(undecodable(text, error, IntakePolicy()).detail.removeprefix("line 1 "))
    topic = topic_of(event, families)
    return Refused(topic.detail) if isinstance(topic, Unroutable) else Routed(topic, text)
