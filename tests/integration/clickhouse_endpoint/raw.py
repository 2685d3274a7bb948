"""Requests without a client library, as curl sends them."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from tests.servers.clickhouse import ClickHouseProcess


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def code(self) -> int:
        """The engine's error code, 0 without an error."""
        return int(self.headers.get("X-ClickHouse-Exception-Code", "0"))


def send(
    server: ClickHouseProcess,
    body: str | bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    path: str = "/",
    fields: Mapping[str, str] | None = None,
    **more: str,
) -> Reply:
    """POST, or GET without a body."""
    address = f"http://127.0.0.1:{server.port}{path}?{urllib.parse.urlencode({**(fields or {}), **more})}"
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(address, data=data, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Reply(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, dict(error.headers), error.read())
