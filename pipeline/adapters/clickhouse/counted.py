"""Claims on what is counted, as rows."""

from collections.abc import Mapping
from hashlib import blake2b
from uuid import UUID

from pipeline.adapters.clickhouse.tables import COUNTED, Block


def counted_block(claims: Mapping[str, int]) -> Block | None:
    """A row for each name, given with the number of the claim on it; None if there are no names."""
    return Block(COUNTED, [[counted_key(name) for name in claims], list(claims.values())]) if claims else None


def counted_key(name: str) -> str:
    """The key of a name's rows: a hash of it, written as a UUID."""
    return str(UUID(bytes=blake2b(name.encode(), digest_size=16).digest()))
