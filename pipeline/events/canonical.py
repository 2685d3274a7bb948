"""Canonical JSON and the digest that decides between differing copies of an event."""

from hashlib import blake2b

import orjson

from pipeline.events.envelope import JsonObject

_pristine = blake2b(digest_size=8)
"""Copied for every digest: that costs half of making a hash anew."""


def canonical_json(data: JsonObject) -> bytes:
    """Compact JSON with sorted keys: equal data give equal bytes."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest(event_type: str, time: int | None, data: bytes) -> int:
    """Hash the canonical JSON array of type, time (null if it was not given) and data to an unsigned 64-bit number."""
    moment = "null" if time is None else time
    hashed = _pristine.copy()
    hashed.update(f'["{event_type}",{moment},'.encode() + data + b"]")
    return int.from_bytes(hashed.digest(), "little")
