"""Canonical JSON and the digest that decides between differing copies of an event."""

from hashlib import blake2b

import orjson

from pipeline.events.envelope import JsonObject

_pristine = blake2b(digest_size=8)
"""Copied for every digest, which costs half as much as creating a hash."""


def canonical(event_type: str, time: int | None, data: JsonObject) -> tuple[int, bytes]:
    """The digest of an event, and its data as compact JSON with sorted keys: equal events give equal ones.

    The digest is an unsigned 64-bit hash of the canonical JSON array of type, time (null if it was not given) and data.
    """
    text = orjson.dumps((event_type, time, data), option=orjson.OPT_SORT_KEYS)
    hashed = _pristine.copy()
    hashed.update(text)
    # The data begins at the first brace: no type of the catalogue has one in its name. The slice takes only the memory
    # it needs; what the encoder returns occupies 4 KiB, however short it is.
    return int.from_bytes(hashed.digest(), "little"), text[text.index(b"{") : -1]
