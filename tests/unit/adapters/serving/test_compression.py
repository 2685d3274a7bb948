"""Compression of bodies, whatever way they are cut."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.serving.compression import (
    COMPRESSORS,
    DECOMPRESSORS,
    MAXIMUM_PIECE,
    CompressionError,
    choose_encoding,
    decompressed,
)

ENCODINGS = sorted(COMPRESSORS)


def compress(data: bytes, encoding: str, pieces: int = 3) -> bytes:
    compressor = COMPRESSORS[encoding]()
    step = max(1, len(data) // pieces)
    parts = [compressor.compress(data[start : start + step]) for start in range(0, len(data), step)]
    return b"".join([*parts, compressor.flush()])


def decompress(pieces: Sequence[bytes], encoding: str) -> list[bytes]:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collect() -> list[bytes]:
        return [piece async for piece in decompressed(body(), encoding)]

    return asyncio.run(collect())


def test_every_encoding_works_in_both_directions() -> None:
    assert set(COMPRESSORS) == set(DECOMPRESSORS)
    assert {"gzip", "deflate"} <= set(COMPRESSORS)


@settings(max_examples=30)
@given(data=st.binary(max_size=2000), size=st.integers(1, 300), encoding=st.sampled_from(ENCODINGS))
def test_what_was_compressed_comes_back(data: bytes, size: int, encoding: str) -> None:
    packed = compress(data, encoding)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(decompress(pieces, encoding)) == data


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_frames_one_after_another_are_one_body(encoding: str) -> None:
    packed = compress(b"one", encoding) + compress(b"two", encoding)
    assert b"".join(decompress([packed], encoding)) == b"onetwo"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("damage", [slice(0, -1), slice(1, None)])
def test_damage_is_an_error(encoding: str, damage: slice) -> None:
    packed = compress(b"x" * 1000, encoding)[damage]
    with pytest.raises(CompressionError, match=f"The {encoding} body cannot be decompressed"):
        decompress([packed], encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_small_body_does_not_become_one_huge_piece(encoding: str) -> None:
    packed = compress(b"\0" * (3 * MAXIMUM_PIECE), encoding)
    pieces = decompress([packed], encoding)
    assert max(map(len, pieces)) <= MAXIMUM_PIECE
    assert sum(map(len, pieces)) == 3 * MAXIMUM_PIECE


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(CompressionError, match="Content-Encoding br is unknown"):
        decompress([b"x"], "br")


def test_others_can_read_what_is_compressed() -> None:
    assert gzip.decompress(compress(b"abc", "gzip")) == b"abc"
    assert zlib.decompress(compress(b"abc", "deflate")) == b"abc"


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip, deflate", "gzip"),
        ("deflate;q=0.5", "deflate"),
        ("gzip;q=0, deflate", "deflate"),
        ("gzip;q=0.0", None),
    ],
)
def test_the_client_chooses_the_encoding(accepted: str, chosen: str | None) -> None:
    assert choose_encoding(accepted) == chosen
