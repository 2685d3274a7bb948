"""Names in chunks that fit into a query, written so that neither client nor server handles them one by one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

CHUNK_BYTES: Final = 48 * 1024
"""Bytes of names in one query: a server accepts 256 KiB of query text."""

_encode: Final = msgspec.json.Encoder().encode


def as_parameter(names: Sequence[str]) -> dict[str, bytes]:
    """The query parameter for `JSONExtract($names$, 'Array(String)')`.

    The client inserts it as a heredoc: a string between two `$names$`, so it must not contain a dollar sign. A bound
    array would be escaped character by character, and sent as a form.
    """
    return {"$names$": _written(names)}


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Cut names into lists of at most `CHUNK_BYTES`; a longer name gets a list of its own."""
    chunk: list[str] = []
    size = 0
    for name in names:
        length = len(_written(name)) + 1
        if chunk and size + length > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(name)
        size += length
    if chunk:
        yield chunk


def _written(value: str | Sequence[str]) -> bytes:
    """As JSON without a dollar sign, so that no name can end the heredoc."""
    return _encode(value).replace(b"$", rb"\u0024")
