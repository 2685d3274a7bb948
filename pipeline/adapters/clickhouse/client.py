"""Clients for a ClickHouse address: `http://user:password@host:port/database`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import parse_qsl, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.serving.loopback import LOOPBACK
from pipeline.settings.effective import mask_password

DATABASE = "touchline"
ONE_THREAD: Final = {"max_threads": 1}
"""Settings of a statement about few rows: with more threads a server spends a sixth more on an insert and a third more
on a load. Statements run concurrently instead."""
_PORTS = {"http": 8123, "https": 8443}


@dataclass(frozen=True)
class Address:
    """Where a ClickHouse server is, and the user to connect as."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    database: str
    ca_file: str = ""
    """PEM file of the certificate authorities to trust over `https`; empty: those that the system trusts."""

    @property
    def remote(self) -> bool:
        """Whether traffic goes over a network, and is worth compressing."""
        return self.host not in LOOPBACK

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read `http[s]://[user[:password]@]host[:port][/database][?ca_file=…]`.

        Raises:
            ValueError: Another scheme, no host, an invalid port, or an unknown query parameter.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            shown = mask_password(url)
            raise ValueError(
                f"a ClickHouse address looks like http://user:password@host:8123/{DATABASE}, not {shown!r}"
            )
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := asked.keys() - {"ca_file"}:
            raise ValueError(f"a ClickHouse address takes ?ca_file=, not {', '.join(sorted(unknown))}")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")) or DATABASE,
            ca_file=asked.get("ca_file", ""),
        )


class _Arguments(TypedDict):
    interface: str
    host: str
    port: int
    username: str
    password: str
    database: str
    settings: dict[str, str]
    connect_timeout: int
    send_receive_timeout: int
    autogenerate_session_id: bool
    ca_cert: str | None
    compress: bool


def connect(
    url: str, *, database: str | None = None, settings: Mapping[str, str] | None = None, timeout_seconds: int = 60
) -> Client:
    """A client for this address; safe to share between threads, as it has no session.

    Args:
        url: See `Address.parse`. The database is `touchline` if the address names none; it need not exist yet.
        database: Instead of the one in the address; `default` always exists.
        settings: ClickHouse settings to send with every statement.
        timeout_seconds: How long to wait for an answer.

    Raises:
        ValueError: The address is malformed, or its `ca_file` cannot be read.
        StoreUnavailableError: The server cannot be reached.
    """
    with store_errors():
        return clickhouse_connect.get_client(**_arguments(url, database, settings, timeout_seconds))


def _arguments(url: str, database: str | None, settings: Mapping[str, str] | None, timeout_seconds: int) -> _Arguments:
    address = Address.parse(url)
    if address.ca_file:
        _require_readable(address.ca_file)
    return _Arguments(
        interface=address.scheme,
        host=address.host,
        port=address.port,
        username=address.user,
        password=address.password,
        database=database or address.database,
        settings=dict(settings or {}),
        connect_timeout=min(10, timeout_seconds),
        send_receive_timeout=timeout_seconds,
        autogenerate_session_id=False,
        ca_cert=address.ca_file or None,
        compress=address.remote,
    )


def _require_readable(file: str) -> None:
    """Checked here, as the client would only say that the server cannot be reached."""
    try:
        Path(file).open("rb").close()
    except OSError as error:
        raise ValueError(f"ca_file: {file} cannot be read: {error.strerror}") from error
