"""Canonical JSON and the digest that decides between differing copies of an event."""

from hashlib import blake2b
from typing import NamedTuple

import orjson

from pipeline.events.envelope import JsonObject

_pristine = blake2b(digest_size=8)
"""Copied for every digest: that costs half of making a hash anew."""


class Canonical(NamedTuple):
    """What is the same for all copies of an event that say the same."""

    digest: int
    """Unsigned 64-bit hash of the canonical JSON array of type, time (null if it was not given) and data."""
    data: bytes
    """Compact JSON of `data` with sorted keys."""


def canonical(event_type: str, time: int | None, data: JsonObject) -> Canonical:
    """Put an event into canonical form; a type of the catalogue holds no brace."""
    text = orjson.dumps((event_type, time, data), option=orjson.OPT_SORT_KEYS)
    hashed = _pristine.copy()
    hashed.update(text)
    # A slice is as small as it can be; what the encoder returns occupies 4 KiB, however short it is.
    return Canonical(int.from_bytes(hashed.digest(), "little"), text[text.index(b"{") : -1])
