"""Requests over HTTP as any client sends them, for tests."""

import http.client
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: Mapping[str, str]
    """With lower-case names."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


def ask(
    port: int,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    seconds: float = 60.0,
) -> Answer:
    """Send a request to 127.0.0.1 and read the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def post_json(port: int, path: str, content: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Post JSON."""
    return ask(port, path, orjson.dumps(content), {"Content-Type": "application/json", **(headers or {})})
