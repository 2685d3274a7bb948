"""One line of NDJSON on its way to its topic."""

from collections.abc import Sequence

import msgspec
import orjson

from pipeline.catalogue.topics import raw_topic
from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.settings.errors import nearest


class Routed(msgspec.Struct, frozen=True):
    """An event and the topic that takes it."""

    topic: str
    event: bytes


class Refused(msgspec.Struct, frozen=True):
    """A line that cannot be sent, and why."""

    reason: str


def route(line: bytes, families: Sequence[str] = FAMILIES) -> Routed | Refused | None:
    """Find the topic of an event by its type's family; None for an empty line.

    Only what routing needs is checked: the pipeline validates, and keeps what it rejects as dead letters.
    """
    text = line.strip()
    if not text:
        return None
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Refused(f"not JSON: {error}")
    if not isinstance(event, dict):
        return Refused(f"a JSON object expected, one event per line; found {_name(event)}")
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        return Refused("`type` is missing: it names the event type, such as web.page_viewed")
    family = kind.partition(".")[0]
    if family not in families:
        return Refused(f"no topic for the type {kind!r}: {_families(family, families)}")
    return Routed(raw_topic(family), text)


def _families(family: str, families: Sequence[str]) -> str:
    near = nearest(family, families)
    return f"did you mean the family {near!r}?" if near else f"its first part must be one of {', '.join(families)}"


def _name(value: object) -> str:
    return {list: "an array", str: "a text", bool: "a truth value", type(None): "null"}.get(type(value), "a number")
