"""Reads a request's body within limits of size and time, whatever its encoding claims."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import ClientPayloadError, web
from aiohttp.http import HttpProcessingError

from agents.collector.in_flight import Share
from pipeline.adapters.serving.compression import CompressionError, decompressed
from pipeline.collecting.fault import Fault, Kind

ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
BUSY: Final = Fault(Kind.BUSY, "too much is waiting for the broker: send this again after the time in Retry-After")


async def read_body(request: web.Request, share: Share, limit: int, seconds: float) -> bytes | Fault:
    """The body without its content encoding.

    Args:
        request: To read from.
        share: Takes the bytes as inflated; those of `Content-Length` must fit in, too.
        limit: The most bytes a body may have, by its `Content-Length` and inflated.
        seconds: How long the body may take to arrive.
    """
    if fault := _declared(request, share, limit):
        return fault
    try:
        async with asyncio.timeout(seconds):
            return await _collected(request, share, limit)
    except TimeoutError:
        return Fault(Kind.TOO_SLOW, f"the body did not arrive within {seconds:g} s: send less at once")
    except (ClientPayloadError, HttpProcessingError, CompressionError):
        return Fault(Kind.DAMAGED, "the body is damaged: its encoding, or the way it is chunked, is wrong")


def _declared(request: web.Request, share: Share, limit: int) -> Fault | None:
    """Why the headers alone are reason to refuse a request; None if they are not."""
    length = request.content_length or 0
    if length > limit:
        return _too_large(limit)
    if (encoding := _encoding(request)) not in ENCODINGS:
        known = ", ".join(sorted(ENCODINGS - {"", "identity"}))
        return Fault(Kind.ENCODING, f"Content-Encoding: {encoding[:50]} is not read; send {known}, or plain")
    return None if share.fits(length) else BUSY


async def _collected(request: web.Request, share: Share, limit: int) -> bytes | Fault:
    pieces: list[bytes] = []
    size = 0
    async for piece in decompressed(_pieces(request), _encoding(request)):
        size += len(piece)
        if size > limit:
            return _too_large(limit)
        if not share.take(len(piece)):
            return BUSY
        pieces.append(piece)
    return b"".join(pieces)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_any():
        yield piece


def _encoding(request: web.Request) -> str:
    return request.headers.get("Content-Encoding", "").strip().lower()


def _too_large(limit: int) -> Fault:
    return Fault(Kind.TOO_LARGE, f"the body has more than {limit} bytes, inflated or not: send fewer events at once")
