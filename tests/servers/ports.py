"""Ports for servers that tests start."""

from collections.abc import Collection

from pipeline.adapters.stack.ports import free_port


def free_ports(count: int, host: str = "127.0.0.1", besides: Collection[int] = ()) -> list[int]:
    """Distinct ports, each chosen as by `free_port`."""
    found: list[int] = []
    for _ in range(count):
        found.append(free_port(host, (*besides, *found)))
    return found
