"""Broker addresses as users write them."""

DEFAULT_PORT = 9092
LARGEST_PORT = 65_535
_SCHEMES = ("kafka://", "tcp://", "touchline+kafka://")


def bootstrap_servers(broker: str) -> list[str]:
    """Split `kafka://host:port,host` into `host:port` entries, as Kafka clients want them.

    Raises:
        ValueError: There is no entry, or one lacks a host, contains white space or a path, names another protocol, or
            has an invalid port.
    """
    for scheme in _SCHEMES:
        broker = broker.removeprefix(scheme)
    servers = [_with_port(entry.strip()) for entry in broker.split(",") if entry.strip()]
    if not servers:
        raise ValueError(
            "broker addresses such as host:9092 expected, found nothing: name them in `broker` (TOUCHLINE_BROKER)"
        )
    return servers


def _with_port(entry: str) -> str:
    host, separator, port = entry.rpartition(":")
    if not separator:
        host, port = entry, str(DEFAULT_PORT)
    if not host or len(host.split()) > 1 or "/" in host or not port.isdecimal() or not 0 < int(port) <= LARGEST_PORT:
        raise ValueError(f"a broker address such as host:9092 expected, found {entry!r}")
    return f"{host}:{port}"
