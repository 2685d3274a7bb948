"""Names in portions that fit into a query, written so that neither client nor server goes through them one by one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

CHUNK_BYTES: Final = 48 * 1024
"""Names per query, as they are written in it: a server takes 256 KiB of text."""

_encode: Final = msgspec.json.Encoder().encode


def as_parameter(names: Sequence[str]) -> dict[str, bytes]:
    """What stands for `JSONExtract($names$, 'Array(String)')` in a query.

    The client puts in a string that begins and ends with `$names$`, and has no dollar sign between. Were each name
    bound, it would be escaped character by character, and all of them sent as a form.
    """
    return {"$names$": _written(names)}


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Cut names into lists of at most `CHUNK_BYTES`, or of one."""
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
    """As JSON without a dollar sign: no name can end the string that it stands in."""
    return _encode(value).replace(b"$", rb"\u0024")
