"""Ports of this machine: whether one is free, and which one."""

import asyncio
import socket
from collections.abc import Collection
from contextlib import suppress
from random import SystemRandom

CONNECT_SECONDS = 0.5
QUIET_PORTS = range(20_000, 32_768)
"""Below the ports that Linux gives to outgoing connections: one that is left for a while stays free."""


class PortInUseError(Exception):
    """Somebody listens there already."""

    def __init__(self, host: str, port: int, what: str, change: str) -> None:
        super().__init__(
            f"port {port} on {host} is taken, and {what} wants it. Stop what listens there, or take another: {change}"
        )


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(host: str, port: int, what: str, change: str) -> None:
    """Insist that a port is free.

    Raises:
        PortInUseError: It is not; names what wants it and how to change that.
    """
    if not is_free(host, port):
        raise PortInUseError(host, port, what, change)


def free_port(host: str = "127.0.0.1", besides: Collection[int] = ()) -> int:
    """A port that nobody uses at the moment, and that the system does not give to outgoing connections.

    `besides`: ports that were chosen before and are not in use yet.
    """
    for port in SystemRandom().sample(QUIET_PORTS, 100):
        if port not in besides and is_free(host, port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def free_ports(count: int, host: str = "127.0.0.1", besides: Collection[int] = ()) -> list[int]:
    """So many ports as `free_port` gives them, each another one."""
    found: list[int] = []
    for _ in range(count):
        found.append(free_port(host, (*besides, *found)))
    return found


async def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
