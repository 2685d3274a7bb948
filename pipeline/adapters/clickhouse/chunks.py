"""Names in portions that fit into a query."""

from collections.abc import Iterable, Iterator
from typing import Final

CHUNK_BYTES: Final = 48 * 1024
"""Names per query: they travel as one form field, and a server takes 128 KiB of it, escapes included."""


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Cut names into lists of at most `CHUNK_BYTES`, or of one."""
    chunk: list[str] = []
    size = 0
    for name in names:
        length = len(name.encode()) + 3
        if chunk and size + length > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(name)
        size += length
    if chunk:
        yield chunk
