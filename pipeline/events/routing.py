"""The topic of an event, found before the event is validated."""

from collections.abc import Sequence
from difflib import get_close_matches

import msgspec

from pipeline.catalogue.topics import raw_topic
from pipeline.catalogue.touchpoint import FAMILIES

_LONGEST_SHOWN = 64
_NEAR = 0.5


class Unroutable(msgspec.Struct, frozen=True):
    """Why there is no topic for an event, and what to do."""

    field: str
    """Where it is wrong: `type`, or empty for the whole event."""
    detail: str


def topic_of(event: object, families: Sequence[str] = FAMILIES) -> str | Unroutable:
    """The raw topic of an event's family, which the first segment of its type names.

    Only what routing needs is checked: the workers validate, and keep what they reject as dead letters.
    """
    if not isinstance(event, dict):
        return Unroutable("", f"a JSON object expected for each event; found {_name(event)}")
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        return Unroutable("type", "`type` is missing: it names the event type, such as web.page_viewed")
    family = kind.partition(".")[0]
    if family not in families:
        shown = kind if len(kind) <= _LONGEST_SHOWN else kind[:_LONGEST_SHOWN] + "…"
        return Unroutable("type", f"no topic for the type {shown!r}: {_families(family, families)}")
    return raw_topic(family)


def _families(family: str, families: Sequence[str]) -> str:
    near = get_close_matches(family[:_LONGEST_SHOWN], families, n=1, cutoff=_NEAR)
    return f"did you mean the family {near[0]!r}?" if near else f"its first part must be one of {', '.join(families)}"


def _name(value: object) -> str:
    return {list: "an array", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
