"""Content hashes: whether a row differs from the one that is stored."""

from hashlib import blake2b

import msgspec

from pipeline.frictions.friction import Friction
from pipeline.journeys.journey import Journey

_encoder = msgspec.msgpack.Encoder()


def content_hash(row: Journey | Friction) -> int:
    """Hash a row to an unsigned 64-bit number: the same content gives the same number in every process."""
    return int.from_bytes(blake2b(_encoder.encode(row), digest_size=8).digest(), "little")
