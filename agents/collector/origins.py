"""Which web pages may send (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol)."""

import re
from collections.abc import Collection
from typing import Final

from aiohttp import web

from pipeline.collecting.fault import Fault, Kind

EVERY: Final = "*"
REMEMBERED_SECONDS: Final = 7_200
"""How long a browser may cache the answer to a preflight; Chromium caches none for longer."""
_NAMES = re.compile(r"[A-Za-z0-9\-, ]{0,2000}")


class Origins:
    """The web sites whose pages may send. Programs other than browsers send no `Origin`, and need none."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    def refuse(self, request: web.Request) -> Fault | None:
        """Why a request is refused: a page of a site that is not allowed has sent it. None if it is not refused."""
        origin = request.headers.get("Origin")
        if origin is None or self._allows(origin):
            return None
        return Fault(Kind.ORIGIN, "Origin: this site is not allowed: add it to the setting collector.origins")

    def mark(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let allowed pages read the response. `sendBeacon` sends with credentials, which rules out `*`."""
        origin = request.headers.get("Origin")
        response.headers["Vary"] = "Origin"
        if origin is not None and self._allows(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"

    def preflight(self, request: web.Request) -> web.Response:
        """The response to a browser's preflight request."""
        asked = request.headers.get("Access-Control-Request-Headers", "")
        headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": str(REMEMBERED_SECONDS)}
        if asked and _NAMES.fullmatch(asked):
            headers["Access-Control-Allow-Headers"] = asked
        return web.Response(status=204, headers=headers)

    def _allows(self, origin: str) -> bool:
        return EVERY in self._allowed or origin.lower() in self._allowed
