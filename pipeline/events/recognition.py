"""Fourth step: the event type, and whether it came on its family's topic."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from pipeline.catalogue.event_type import EventType
from pipeline.events.dead_letter import Reason
from pipeline.events.rejection import Rejection

_LONGEST_SHOWN = 64


def recognise(name: str, topic: str, types: Mapping[str, EventType]) -> EventType | Rejection:
    """Look up an event type. An unknown one is rejected; the nearest name is only suggested."""
    event_type = types.get(name)
    if event_type is None:
        return Rejection(Reason.UNKNOWN_TYPE, _unknown(name[: _LONGEST_SHOWN + 1], tuple(types)))
    if topic != event_type.topic:
        return Rejection(Reason.WRONG_TOPIC, f"type: {name} belongs on the topic {event_type.topic}: send it there")
    return event_type


@lru_cache(maxsize=1024)
def _unknown(name: str, known: tuple[str, ...]) -> str:
    """Explain that a name is unknown. Callers cut the name to keep the cache small."""
    shown = name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "…"
    detail = f"type: {shown!r} is not in the catalogue"
    family, _, last = name.partition(".")
    nearest = get_close_matches(last, _names_in(family, known), n=1)
    if nearest:
        return f"{detail}. Did you mean {family}.{nearest[0]}? Else add a schema for it"
    return f"{detail}: add a schema for it, or mend its name"


def _names_in(family: str, known: tuple[str, ...]) -> list[str]:
    """The names of a family's types without the family, which would make all of them look alike."""
    return [candidate.partition(".")[2] for candidate in known if candidate.partition(".")[0] == family]
