"""Streaming compression and decompression for HTTP."""

import re
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

MAXIMUM_PIECE = 4 << 20
"""Most bytes that one decompression step yields, so that a small body cannot fill the memory."""


class CompressionError(ValueError):
    """A body is damaged, or its encoding is unknown."""


class Compressor(Protocol):
    """Compresses a response piece by piece."""

    def compress(self, data: bytes) -> bytes:
        """Take data; returns what is ready of the compressed form."""
        ...

    def flush(self) -> bytes:
        """The rest of the compressed form."""
        ...


class Decompressor(Protocol):
    """Decompresses one frame."""

    @property
    def eof(self) -> bool:
        """Whether the frame is complete."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether there is no more output without more input."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Input after the end of the frame."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take data; returns at most `max_length` bytes of the plain form."""
        ...


class _ZlibDecompressor:
    """zlib's decompressor with the interface that the others share."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Lz4Compressor:
    """lz4's frame compressor, whose header is written with the first piece."""

    def __init__(self) -> None:
        self._inner = _lz4.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        return self._header() + bytes(self._inner.compress(data))

    def flush(self) -> bytes:
        return self._header() + bytes(self._inner.flush())

    def _header(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return bytes(self._inner.begin())


def _optional(name: str) -> Any:
    """A codec's module, None where the platform has no package for it."""
    try:
        return import_module(name) if find_spec(name) else None
    except ModuleNotFoundError:
        return None


_lz4 = _optional("lz4.frame")
_zstd = _optional("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

_NO_WEIGHT = re.compile(r"q=0(\.0*)?")
_DAMAGE: tuple[type[Exception], ...] = (zlib.error, RuntimeError, EOFError, ValueError)

COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "gzip": lambda: zlib.compressobj(3, zlib.DEFLATED, 31),
    "deflate": lambda: zlib.compressobj(3, zlib.DEFLATED, 15),
}
DECOMPRESSORS: dict[str, Callable[[], Decompressor]] = {
    "gzip": lambda: _ZlibDecompressor(31),
    "deflate": lambda: _ZlibDecompressor(15),
}
if _zstd is not None:
    _DAMAGE = (*_DAMAGE, _zstd.ZstdError)
    COMPRESSORS = {"zstd": lambda: _zstd.ZstdCompressor(level=1)} | COMPRESSORS
    DECOMPRESSORS["zstd"] = lambda: _zstd.ZstdDecompressor()
if _lz4 is not None:
    COMPRESSORS = {"lz4": _Lz4Compressor} | COMPRESSORS
    DECOMPRESSORS["lz4"] = lambda: _lz4.LZ4FrameDecompressor()


def choose_encoding(accepted: str) -> str | None:
    """The encoding that this server prefers among those an `Accept-Encoding` header allows; None if there is none."""
    names = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if not _NO_WEIGHT.fullmatch(weight.strip()):
            names.add(name.strip())
    return next((name for name in COMPRESSORS if name in names), None)


async def decompressed(body: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The body without its `Content-Encoding`; raises `CompressionError` if that is unknown or the body is damaged."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        async for piece in body:
            yield piece
        return
    if name not in DECOMPRESSORS:
        known = ", ".join(DECOMPRESSORS)
        raise CompressionError(f"Content-Encoding {name} is unknown; known are {known}")
    frames = _Frames(name)
    async for piece in body:
        for output in frames.feed(piece):
            yield output
    frames.finish()


class _Frames:
    """Decompresses one frame after another."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._current: Decompressor | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Decompress these bytes, in pieces of bounded size."""
        while True:
            if self._current is None:
                if not piece:
                    return
                self._current = DECOMPRESSORS[self._name]()
            try:
                output = self._current.decompress(piece, MAXIMUM_PIECE)
            except _DAMAGE as error:
                raise self._damaged(str(error)) from error
            if output:
                yield output
            piece = b""
            if self._current.eof:
                piece, self._current = self._current.unused_data, None
            elif self._current.needs_input:
                return

    def finish(self) -> None:
        """Raise `CompressionError` if the last frame is not complete."""
        if self._current is not None:
            raise self._damaged("the data end before the frame does")

    def _damaged(self, detail: str) -> CompressionError:
        return CompressionError(f"The {self._name} body cannot be decompressed: {detail}")
