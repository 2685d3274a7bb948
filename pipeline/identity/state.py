"""The stored form of a mailbox without its touches: a version byte, then MessagePack."""

from itertools import accumulate
from operator import sub
from typing import Final

import msgspec

from pipeline.identity.links import Links, Via

VERSION: Final = 1
_VERSION_BYTE: Final = bytes((VERSION,))


class _State(msgspec.Struct, array_like=True):
    version: int
    direct: dict[str, list[int]]
    """By target the first time, then the distance from each time to the next: small numbers are short."""
    bridged: dict[str, list[tuple[int, list[Via]]]]
    dissolved: list[str]
    stale: dict[str, int]


_encoder = msgspec.msgpack.Encoder(order="sorted")
_decoder = msgspec.msgpack.Decoder(_State)


class StateFormatError(ValueError):
    """A stored mailbox is of a version that this worker does not read, or damaged."""


def encode(links: Links, version: int, stale: dict[str, int]) -> bytes:
    """Encode; the same content gives the same bytes, and a pristine mailbox none."""
    if not (links or version or stale):
        return b""
    direct = {target: [times[0], *map(sub, times[1:], times)] for target, times in links.direct.items()}
    bridged = {target: sorted(times.items()) for target, times in links.bridged.items()}
    return _VERSION_BYTE + _encoder.encode(_State(version, direct, bridged, sorted(links.dissolved), stale))


def decode(state: bytes) -> tuple[Links, int, dict[str, int]]:
    """Decode to links, version and stale marks.

    Raises:
        StateFormatError: Of another version, or damaged.
    """
    links = Links()
    if not state:
        return links, 0, {}
    if state[0] != VERSION:
        raise StateFormatError(f"mailbox state of version {VERSION} expected, found {state[0]}")
    try:
        stored = _decoder.decode(memoryview(state)[1:])
    except msgspec.MsgspecError as error:
        raise StateFormatError(f"damaged mailbox state: {error}") from error
    links.direct = {target: list(accumulate(distances)) for target, distances in stored.direct.items()}
    links.bridged = {target: dict(times) for target, times in stored.bridged.items()}
    links.dissolved = frozenset(stored.dissolved)
    groups = (*links.direct.values(), *links.bridged.values())
    links.count = sum(len(times) for times in groups)
    return links, stored.version, stored.stale
