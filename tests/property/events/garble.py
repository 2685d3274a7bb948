"""Garbled messages of every kind, from a seed: quick enough for a million of them.

A garbling makes a message from one valid event; several of them may be joined to an array. Whatever the garbling, the
number of outcomes is known: one, or as many as the array has elements.
"""

from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import NamedTuple

import orjson

from pipeline.catalogue.examples import load_examples
from pipeline.catalogue.location import schema_directories
from pipeline.events.dead_letter import Reason

AT_INTAKE = frozenset(Reason) - {Reason.REFUSED_BY_STORE}
"""The reasons for which the intake rejects; all of them must occur."""
LARGE_MESSAGE = 5 * 1024 * 1024 + 1
LARGE_EVENT = 1024 * 1024 + 1
CROWD = 10_001
"""One more than the defaults allow: bytes of a message and of an event, events in a message."""
RARE = 1 / 10_000
"""Share of messages that are too large."""
ARRAYS = 0.15
"""Share of arrays."""
ASTRAY = 0.05
"""Share of single messages that may be on the wrong topic, and of arrays that break off."""

_FIELDS = (b'"specversion"', b'"id"', b'"source"', b'"type"', b'"time"', b'"data"', b'"identifiers"')
_WRONG_VALUES = (
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1.5e3",
    b"[]",
    b"{}",
    b'""',
    b'"x"',
    b'["x"]',
    b'{"x":{}}',
    b'"\\u0000"',
)
_NUMBERS = (
    b"NaN",
    b"-Infinity",
    b"Infinity",
    b"1e999",
    b"-1e400",
    b"1e308",
    b"9" * 400,
    b"9" * 25,
    b"0x10",
    b"01",
    b"1.",
)
_TIMES = (
    *(
        b"1969-12-31T23:59:59Z",
        b"1900-01-01T00:00:00Z",
        b"0000-00-00T00:00:00Z",
        b"2999-01-01T00:00:00Z",
        b"9999-12-31",
    ),
    *(
        b"2026-02-30T00:00:00Z",
        b"2026-03-01 10:00",
        b"1772359200",
        b"",
        b"yesterday",
        b"2026-03-01T10:00:00",
        b"10:00Z",
    ),
)
_NULLISH = (b"null", b'""', b'"  "', b'"undefined"', b'"NULL"', b"0", b'"0"', b'"anonymous"', b"[]", b"{}", b"false")
_TYPES = (b"web.page_veiwed", b"web", b"", b".", b"web.", b"WEB.CLICKED", b"bank.robbed", b"store.\\n", b"x" * 300)
_SCALARS = (b"null", b"true", b"7", b"-0.0", b'"text"', b'"\\n"', b"{}", b"[[]]", b"[null]", b"[{}]", b'[""]', b"[7]")
_BYTES = (
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\x00",
    b"\x1f",
    b"\xf8\x88\x80\x80\x80",
    b"\\ud800",
    b"\\x",
    b"\xef\xbb\xbf",
)
_EMPTY = (
    b"",
    b" ",
    b"\n\n",
    b"\x00",
    b"\xff\xfe",
    b"id,type\n1,2",
    b"<event/>",
    b"\x80\x02}q",
    b"\x00\x00\x00\x00\x01",
)


class Sample(NamedTuple):
    """A valid event and where it belongs."""

    topic: str
    text: bytes


class Message(NamedTuple):
    """A message of a raw topic, and the number of outcomes it must have."""

    topic: str
    value: bytes
    elements: int


@cache
def samples() -> tuple[Sample, ...]:
    """A valid event for each valid example of the catalogue."""
    return tuple(
        Sample(f"touchpoints.{name.partition('.')[0]}", _event(name, place, data))
        for name, examples in sorted(load_examples(schema_directories()).items())
        for place, data in enumerate(examples.valid)
    )


def garbled(seed: int, count: int) -> Iterator[Message]:
    """Make `count` messages; the same seed makes the same ones."""
    rng = Random(seed)
    pool = samples()
    for _ in range(count):
        sample = pool[int(rng.random() * len(pool))]
        kind = rng.random()
        if kind < RARE:
            yield Message(sample.topic, _large(rng, sample.text), 1)
        elif kind < ARRAYS:
            yield Message(sample.topic, *_array(rng, sample.text))
        else:
            garbling = _ONES[int(rng.random() * len(_ONES))]
            yield Message(_topic(rng, sample), garbling(rng, sample.text), 1)


def _event(name: str, place: int, data: object) -> bytes:
    event = {
        "specversion": "1.0",
        "id": f"{name}-{place}",
        "source": "/garble",
        "type": name,
        "time": "2026-03-01T10:00:00.123Z",
        "data": data,
    }
    return orjson.dumps(event)


def _pick(rng: Random, choices: tuple[bytes, ...]) -> bytes:
    return choices[int(rng.random() * len(choices))]


def _topic(rng: Random, sample: Sample) -> str:
    return sample.topic if rng.random() > ASTRAY else "touchpoints.product"


def _with_value(text: bytes, field: bytes, value: bytes) -> bytes:
    """Give a field another value; its own follows under the name `was`, as the parser takes the last of one name."""
    return text.replace(field + b":", field + b":" + value + b',"was":', 1)


def _whole(rng: Random, text: bytes) -> bytes:
    return text


def _renewed(rng: Random, text: bytes) -> bytes:
    return text.replace(b'"id":"', b'"id":"%d-' % int(rng.random() * 1e9), 1)


def _truncated(rng: Random, text: bytes) -> bytes:
    return text[: 1 + int(rng.random() * (len(text) - 1))]


def _flipped(rng: Random, text: bytes) -> bytes:
    place = 1 + int(rng.random() * (len(text) - 1))
    return text[:place] + bytes((int(rng.random() * 256),)) + text[place + 1 :]


def _invalid_bytes(rng: Random, text: bytes) -> bytes:
    place = 1 + int(rng.random() * (len(text) - 1))
    return text[:place] + _pick(rng, _BYTES) + text[place:]


def _wrong_type(rng: Random, text: bytes) -> bytes:
    return _with_value(text, _pick(rng, _FIELDS), _pick(rng, _WRONG_VALUES))


def _missing(rng: Random, text: bytes) -> bytes:
    return text.replace(_pick(rng, _FIELDS), b'"other"', 1)


def _wrong_data(rng: Random, text: bytes) -> bytes:
    """Give a random field another value."""
    fields = text.split(b'":')
    place = 1 + int(rng.random() * (len(fields) - 1))
    return b'":'.join(fields[:place]) + b'":' + _pick(rng, _WRONG_VALUES) + b',"was":' + b'":'.join(fields[place:])


def _deep(rng: Random, text: bytes) -> bytes:
    levels = (5, 29, 33, 250, 260, 1000, 1030, 5000)[int(rng.random() * 8)]
    opening, closing = (b"[", b"]") if rng.random() < 0.5 else (b'{"a":', b"}")
    nested = opening * levels + b"1" + (closing * levels if rng.random() < 0.9 else b"")
    return _with_value(text, b'"identifiers"', b'{},"deep":' + nested + b',"identifiers":{"customer_id":"1"}')


def _number(rng: Random, text: bytes) -> bytes:
    return _with_value(text, _pick(rng, _FIELDS), _pick(rng, _NUMBERS))


def _unknown_type(rng: Random, text: bytes) -> bytes:
    return _with_value(text, b'"type"', b'"' + _pick(rng, _TYPES) + b'"')


def _time(rng: Random, text: bytes) -> bytes:
    return _with_value(text, b'"time"', b'"' + _pick(rng, _TIMES) + b'"')


def _nobody(rng: Random, text: bytes) -> bytes:
    field = (b'"customer_id"', b'"email"', b'"phone"', b'"order_id"', b'"unheard_of"')[int(rng.random() * 5)]
    return _with_value(text, b'"identifiers"', b"{" + field + b":" + _pick(rng, _NULLISH) + b"}")


def _scalar(rng: Random, text: bytes) -> bytes:
    return _pick(rng, _SCALARS)


def _no_text(rng: Random, text: bytes) -> bytes:
    return _pick(rng, _EMPTY)


def _large(rng: Random, text: bytes) -> bytes:
    """A message that is too large, whose event is too large, or that has too many events."""
    kind = rng.random()
    if kind < 0.2:
        return b"[" + b",".join((b"7",) * CROWD) + b"]"
    size = LARGE_EVENT if kind < 0.6 else LARGE_MESSAGE
    return text[:-2] + b',"more":"' + b"x" * size + b'"}}'


Garbling = Callable[[Random, bytes], bytes]

_ELEMENTS: tuple[Garbling, ...] = (
    _whole,
    _renewed,
    _wrong_type,
    _missing,
    _wrong_data,
    _unknown_type,
    _time,
    _nobody,
    _scalar,
)
"""Garblings that give one JSON value, which can be an element of an array."""
_ONES: tuple[Garbling, ...] = (*_ELEMENTS, _truncated, _flipped, _invalid_bytes, _deep, _number, _no_text)


def _array(rng: Random, text: bytes) -> tuple[bytes, int]:
    """Garbled events joined to an array, which sometimes breaks off, and how many outcomes it must have."""
    size = int(rng.random() * 6)
    parts = [_ELEMENTS[int(rng.random() * len(_ELEMENTS))](rng, text) for _ in range(size)]
    array = b"[" + b",".join(parts) + b"]"
    return (array, size) if rng.random() > ASTRAY else (array[:-1], 1)
