"""The bootstrap servers of a cluster, and how to connect to them."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pipeline.adapters.broker.addresses import bootstrap_servers
from pipeline.settings.errors import Problem, SettingsError
from pipeline.settings.kafka import Kafka

EMBEDDED: Final = "embedded://"
"""Scheme of the embedded broker's address: it needs no authentication, and supports no idempotent producers."""
PLAIN: Final = Kafka(idempotence=False)


class Servers(tuple[str, ...]):
    """Bootstrap servers, `host:port` each, and how to connect. A plain sequence of them stands for `PLAIN` access."""

    access: Kafka

    def __new__(cls, addresses: Sequence[str], access: Kafka) -> "Servers":
        """Combine addresses with the settings for connecting to them."""
        made = super().__new__(cls, addresses)
        made.access = access
        return made


def servers_of(broker: str, kafka: Kafka) -> Servers:
    """The servers that the setting `broker` names: `[kafka://|embedded://]host:port[,host:port]`.

    Raises:
        ValueError: An address is malformed or missing.
    """
    if broker.startswith(EMBEDDED):
        return Servers(bootstrap_servers(broker.removeprefix(EMBEDDED)), PLAIN)
    return Servers(bootstrap_servers(broker), kafka)


def access_of(servers: Sequence[str]) -> Kafka:
    """The settings for connecting to these servers."""
    return servers.access if isinstance(servers, Servers) else PLAIN


def client_options(servers: Sequence[str]) -> dict[str, Any]:
    """Arguments of every kafka-python client for these servers.

    Raises:
        SettingsError: See `tls_context`.
    """
    access = access_of(servers)
    options: dict[str, Any] = {"bootstrap_servers": list(servers), "security_protocol": _protocol(access)}
    if access.tls:
        options["ssl_context"] = tls_context(access)
    if access.user:
        options |= {
            "sasl_mechanism": access.mechanism,
            "sasl_plain_username": access.user,
            "sasl_plain_password": access.password.value,
        }
    return options


def tls_context(access: Kafka) -> ssl.SSLContext:
    """The TLS context of connections.

    Raises:
        SettingsError: A file cannot be read, or is no certificate.
    """
    with _read("kafka.ca_file", access.ca_file):
        context = ssl.create_default_context(cafile=access.ca_file or None)
    if access.certificate_file:
        with _read("kafka.certificate_file", access.certificate_file):
            context.load_cert_chain(access.certificate_file)
    return context


@contextmanager
def _read(setting: str, file: str) -> Iterator[None]:
    """Name the setting and the file that cannot be read."""
    try:
        yield
    except OSError as error:  # `ssl.SSLError`, for a bad certificate, is one
        raise SettingsError([Problem(setting, f"{file} cannot be read: {error.strerror}")]) from error


def _protocol(access: Kafka) -> str:
    transport = "SSL" if access.tls else "PLAINTEXT"
    return f"SASL_{transport}" if access.user else transport
