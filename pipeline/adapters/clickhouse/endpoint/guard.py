"""Keeps web pages away: a browser on the same machine must not become a client by accident."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from pipeline.adapters.serving.loopback import LOOPBACK

OWN_SITES: Final = frozenset({"same-origin", "none"})
"""The `Sec-Fetch-Site` of requests from the server's own pages, and of an address that the user typed."""


def guard(loopback: bool) -> Middleware:
    """A middleware that refuses requests that a page of another site made a browser send.

    Such requests carry an `Origin` of another host, or, after DNS rebinding, a `Host` that is not the loopback's.
    Requests for an image or by a link carry no `Origin`, but `Sec-Fetch-Site`.

    Args:
        loopback: Whether the server is bound to the loopback interface only.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = urlsplit(f"//{request.host}").hostname
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "none")
        if site not in OWN_SITES or (origin is not None and urlsplit(origin).netloc != request.host):
            return web.Response(status=403, text="requests from web pages of other sites are refused\n")
        if loopback and host not in LOOPBACK:
            return web.Response(status=403, text="this server answers to the names of the loopback interface only\n")
        return await handler(request)

    return middleware
