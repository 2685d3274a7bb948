"""A choice of dead letters, and its condition in SQL."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

_POSITION: Final = re.compile(r"([\w.-]{1,249})/(-?\d{1,9})@(\d{1,18})(?:#(\d{1,9}))?")
_ID: Final = re.compile(r"[0-9a-f]{4,16}")

Parameters = dict[str, object]


class LetterName(msgspec.Struct, frozen=True):
    """A letter as users name it: the beginning of its id, or its position."""

    id: str = ""
    """Empty: it is named by its position."""
    topic: str = ""
    partition: int = 0
    offset: int = 0
    index: int | None = None
    """None: every event of the message."""

    @classmethod
    def parse(cls, text: str) -> "LetterName":
        """Read 4 to 16 hexadecimal digits of an id, or `topic/partition@offset[#index]`.

        Raises:
            ValueError: It is neither.
        """
        if _ID.fullmatch(text):
            return cls(id=text)
        if found := _POSITION.fullmatch(text):
            topic, partition, offset, index = found.groups()
            return cls("", topic, int(partition), int(offset), None if index is None else int(index))
        raise ValueError(f"{text!r} is neither the id of a dead letter nor a position such as touchpoints.web/2@1234")


class LetterChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A letter is chosen if it meets every condition that is given here."""

    names: tuple[LetterName, ...] = ()
    """It is one of these."""
    reasons: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    since: datetime | None = None
    """Received at this time or later."""
    until: datetime | None = None
    """Received before this time."""
    replayed: bool | None = None
    """Whether it was sent again and not rejected again since; None: either."""


def condition(choice: LetterChoice) -> tuple[str, Parameters]:
    """The condition on the view `dead_letters`, with the parameters it needs."""
    parameters: Parameters = {}
    parts = [
        *_one_of("reason", choice.reasons, parameters),
        *_one_of("topic", choice.topics, parameters),
        *_one_of("type", choice.types, parameters),
        *_between(choice, parameters),
    ]
    if choice.names:
        parts.append("(" + " OR ".join(_named(choice.names, parameters)) + ")")
    if choice.replayed is not None:
        parts.append(f"replayed_at IS {'NOT ' if choice.replayed else ''}NULL")
    return " AND ".join(parts) or "1", parameters


def _one_of(column: str, values: tuple[str, ...], parameters: Parameters) -> Iterator[str]:
    if values:
        parameters[column] = list(values)
        yield f"{column} IN {{{column}:Array(String)}}"


def _between(choice: LetterChoice, parameters: Parameters) -> Iterator[str]:
    for name, comparison, moment in (("since", ">=", choice.since), ("until", "<", choice.until)):
        if moment is not None:
            parameters[name] = round(moment.timestamp() * 1000)
            yield f"received_at {comparison} fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"


def _named(names: tuple[LetterName, ...], parameters: Parameters) -> Iterator[str]:
    for number, name in enumerate(names):
        if name.id:
            parameters[f"id{number}"] = name.id
            yield f"startsWith(id, {{id{number}:String}})"
            continue
        parameters |= {f"topic{number}": name.topic, f"partition{number}": name.partition, f"at{number}": name.offset}
        place = f"topic = {{topic{number}:String}} AND partition = {{partition{number}:Int32}}"
        place += f" AND offset = {{at{number}:Int64}}"
        if name.index is not None:
            parameters[f"index{number}"] = name.index
            place += f" AND `index` = {{index{number}:UInt32}}"
        yield f"({place})"
