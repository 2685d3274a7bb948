"""What a request asks for: statement, settings, parameters, format and data, wherever the client put them."""

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from pipeline.adapters.clickhouse.endpoint.errors import BAD_ARGUMENTS, UNKNOWN_SETTING, EngineError

TRANSPORT_PARAMETERS = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_write_exception_in_output_format",
        "http_zlib_compression_level",
        "log_comment",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    }
)
"""Parameters of the HTTP interface that are not, or must not become, settings of the engine."""

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Credentials:
    """Whom the client says it is; an absent user is the user `default`."""

    user: str = "default"
    password: str = ""


@dataclass(frozen=True)
class Request:
    """One request, understood but not yet allowed."""

    query: bytes
    """The statement as far as the address or a form gave it; the rest stands at the start of the body."""
    body: AsyncIterator[bytes]
    """The request's body, decompressed; empty if it was a form."""
    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    default_format: str = "TabSeparated"
    query_id: str = ""
    may_write: bool = True
    """False for GET, as on a ClickHouse server."""


def split_parameters(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Sort the fields of an address into the engine's settings and the statement's parameters (`param_*`)."""
    settings: dict[str, str] = {}
    parameters: dict[str, str] = {}
    for name, value in values.items():
        if name.startswith("param_"):
            parameters[name.removeprefix("param_")] = value
        elif name in ("compress", "decompress") and value not in ("", "0", "false"):
            raise EngineError.of(
                BAD_ARGUMENTS,
                "BAD_ARGUMENTS",
                f"{name}=1 is not supported here; use HTTP compression (Accept-Encoding)",
            )
        elif name not in TRANSPORT_PARAMETERS:
            if not _SETTING_NAME.fullmatch(name):
                raise EngineError.of(UNKNOWN_SETTING, "UNKNOWN_SETTING", f"Setting {name} is neither a builtin setting")
            settings[name] = value
    return settings, parameters


def read_credentials(request: web.Request) -> Credentials:
    """Take the user from HTTP basic authentication, ClickHouse's headers or the address, in this order."""
    authorization = request.headers.get("Authorization", "")
    if authorization.lower().startswith("basic "):
        try:
            user, _, password = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise EngineError.of(BAD_ARGUMENTS, "BAD_ARGUMENTS", "The Authorization header is damaged") from error
        return Credentials(user or "default", password)
    if "X-ClickHouse-User" in request.headers:
        return Credentials(request.headers["X-ClickHouse-User"], request.headers.get("X-ClickHouse-Key", ""))
    return Credentials(request.query.get("user", "default"), request.query.get("password", ""))
