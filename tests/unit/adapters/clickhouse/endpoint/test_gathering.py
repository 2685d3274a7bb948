"""The data of an insert, gathered for the engine."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from pipeline.adapters.clickhouse.endpoint.request import PIECE, gathered


async def _arriving(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("size", [1, 1_000, PIECE - 1, PIECE, 3 * PIECE])
def test_nothing_is_lost_and_all_pieces_but_the_last_are_large(size: int) -> None:
    whole = bytes(index % 251 for index in range(size)) + b"the end"
    pieces = [whole[start : start + 65_536] for start in range(0, len(whole), 65_536)]

    async def collect() -> list[bytes]:
        return [piece async for piece in gathered(_arriving(pieces))]

    found = asyncio.run(collect())
    assert b"".join(found) == whole
    assert all(len(piece) >= PIECE for piece in found[:-1])
    assert len(found) == -(-len(whole) // PIECE)


def test_a_body_without_data_has_no_piece() -> None:
    async def collect() -> list[bytes]:
        return [piece async for piece in gathered(_arriving([b"", b""]))]

    assert asyncio.run(collect()) == []
