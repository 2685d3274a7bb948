"""Records of the topics as lines for `touchline tail`."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from pipeline.cli.shown import HIDDEN, one_line
from pipeline.events.dead_letter import DeadLetterFormatError, decode
from pipeline.events.record import Record

LONGEST_TEXT = 100


def event_lines(record: Record, as_json: bool, hidden: Collection[str]) -> Iterator[str]:
    """One line per event of a raw record; the values of `hidden` namespaces are masked, but not in JSON."""
    try:
        content = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        yield f"{_clock(record.timestamp)}  {record.topic}  not JSON: {record.value[:LONGEST_TEXT]!r}"
        return
    events = content if isinstance(content, list) else [content]
    if not as_json:
        yield from (one_line(_event_line(event, record, hidden)) for event in events)
        return
    try:
        yield from [orjson.dumps(event).decode() for event in events]
    except TypeError:  # orjson reads deeper nesting than it writes; in JSON, line breaks occur only between values
        yield b" ".join(record.value.splitlines()).decode()


def rejection_lines(record: Record, as_json: bool) -> Iterator[str]:
    """One line per letter of a record of the dead-letter topic."""
    try:
        letters = decode(record.value)
    except DeadLetterFormatError as error:
        yield f"{_clock(record.timestamp)}  {error}"
        return
    if as_json:
        yield from (orjson.dumps(notice).decode() for notice in orjson.loads(record.value))
        return
    for letter in letters:
        place = f"{letter.topic}/{letter.partition}@{letter.offset}"
        line = f"{_clock(letter.received_at)}  {letter.reason:<14}{letter.type or '-':<28}{place}  {letter.detail}"
        yield one_line(line)


def _event_line(event: Any, record: Record, hidden: Collection[str]) -> str:
    if not isinstance(event, dict):
        return f"{_clock(record.timestamp)}  {record.topic}  not an event: {str(event)[:LONGEST_TEXT]}"
    data = event.get("data")
    identifiers = data.get("identifiers") if isinstance(data, dict) else None
    named = identifiers.items() if isinstance(identifiers, dict) else ()
    listed = " ".join(f"{namespace}:{HIDDEN if namespace in hidden else value}" for namespace, value in named)
    when = str(event.get("time") or _clock(record.timestamp))
    return f"{when:<26}{event.get('type') or '-'!s:<28}{event.get('source') or '-'!s:<20}{listed}"


def _clock(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
