"""The stored form of a mailbox without its touches: a version byte, then MessagePack."""

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from operator import sub
from typing import Final

import msgspec

from pipeline.identity.links import BRIDGED_BYTES, DIRECT_BYTES, Links, Via
from pipeline.identity.recalled import Recalled

VERSION: Final = 2
READABLE: Final = (1, 2)
"""Versions that are decoded. 1 had one step for each stale mark."""
_VERSION_BYTE: Final = bytes((VERSION,))


class _State(msgspec.Struct, array_like=True):
    version: int
    direct: dict[str, list[int]]
    """Times by target, each but the first as its distance from the one before: small numbers take fewer bytes."""
    bridged: dict[str, list[tuple[int, list[Via]]]]
    dissolved: list[str]
    stale: dict[str, int | tuple[list[int], tuple[int, ...]]]
    """By mailbox: the bounds, encoded like times, and versions of the steps; or the version of the only step."""


_encoder = msgspec.msgpack.Encoder(order="sorted")
_decoder = msgspec.msgpack.Decoder(_State)


class StateFormatError(ValueError):
    """A stored mailbox is damaged, or of a version that this worker does not read."""


def encode(links: Links, version: int, stale: dict[str, Recalled]) -> bytes:
    """Encode; the same content gives the same bytes, and a pristine mailbox none."""
    if not (links or version or stale):
        return b""
    direct = {target: _distances(times) for target, times in links.direct.items()}
    bridged = {target: sorted(times.items()) for target, times in links.bridged.items()}
    marks = {mailbox: _mark(recalled) for mailbox, recalled in stale.items()}
    return _VERSION_BYTE + _encoder.encode(_State(version, direct, bridged, sorted(links.dissolved), marks))


def decode(state: bytes) -> tuple[Links, int, dict[str, Recalled]]:
    """Decode to links, version and stale marks.

    Raises:
        StateFormatError: Of another version, or damaged.
    """
    links = Links()
    if not state:
        return links, 0, {}
    if state[0] not in READABLE:
        raise StateFormatError(f"mailbox state of version {READABLE[0]} to {VERSION} expected, found {state[0]}")
    try:
        stored = _decoder.decode(memoryview(state)[1:])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:  # the latter for a text that is not UTF-8
        raise StateFormatError(f"damaged mailbox state: {error}") from error
    links.direct = {target: list(accumulate(distances)) for target, distances in stored.direct.items()}
    links.bridged = {target: dict(times) for target, times in stored.bridged.items()}
    links.dissolved = frozenset(stored.dissolved)
    links.size = _size(links.direct, DIRECT_BYTES) + _size(links.bridged, BRIDGED_BYTES)
    return links, stored.version, {mailbox: _recalled(mark) for mailbox, mark in stored.stale.items()}


def _size(times: Mapping[str, Collection[int]], bytes_each: int) -> int:
    return sum(map(len, times.values())) * bytes_each


def _distances(times: Sequence[int]) -> list[int]:
    return [*times[:1], *map(sub, times[1:], times)]


def _mark(recalled: Recalled) -> int | tuple[list[int], tuple[int, ...]]:
    return (_distances(recalled.bounds), recalled.versions) if recalled.bounds else recalled.versions[0]


def _recalled(mark: int | tuple[list[int], tuple[int, ...]]) -> Recalled:
    if isinstance(mark, int):
        return Recalled((), (mark,))
    bounds, versions = mark
    return Recalled(tuple(accumulate(bounds)), versions)
