"""Addresses of brokers as people write them."""

DEFAULT_PORT = 9092
_SCHEMES = ("kafka://", "tcp://", "touchline+kafka://")


def bootstrap_servers(broker: str) -> list[str]:
    """Split `kafka://host:port,host` into `host:port` entries, as Kafka clients want them.

    Raises:
        ValueError: An entry without a host or with a port that is no number.
    """
    for scheme in _SCHEMES:
        broker = broker.removeprefix(scheme)
    servers = [_with_port(entry.strip()) for entry in broker.split(",") if entry.strip()]
    if not servers:
        raise ValueError("broker addresses such as host:9092 expected, found nothing")
    return servers


def _with_port(entry: str) -> str:
    host, separator, port = entry.rpartition(":")
    if not separator:
        return f"{entry}:{DEFAULT_PORT}"
    if not host or not port.isdigit():
        raise ValueError(f"a broker address such as host:9092 expected, found {entry!r}")
    return entry
