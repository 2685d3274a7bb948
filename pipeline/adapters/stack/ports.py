"""Ports of this machine: whether one is free, and finding free ones."""

import asyncio
import errno
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from random import SystemRandom
from typing import Final, NamedTuple

from pipeline.adapters.broker.addresses import LARGEST_PORT
from pipeline.adapters.serving.loopback import EVERYWHERE

CONNECT_SECONDS = 0.5
QUIET_PORTS = range(20_000, 32_768)
"""Below the ports that Linux gives to outgoing connections, so that one chosen now is still free a while later."""
TAKEN: Final = "is taken"
"""The hindrance where another server listens."""


class PortInUseError(Exception):
    """A server cannot listen at its address: another one does, or will, or there is no such address."""


class Wanted(NamedTuple):
    """An address at which a server is to listen."""

    host: str
    port: int
    what: str
    setting: str
    """The setting that changes the port."""
    host_setting: str = ""
    """The setting that changes the host; empty if there is none."""


def hindrance(host: str, port: int) -> str:
    """Why no server could listen there now, worded to follow `port N`; empty if one could."""
    if port > LARGEST_PORT:
        return f"is above {LARGEST_PORT}"
    try:
        reasons = {_refusal(*place) for place in _places(host, port)}
    except OSError as error:
        return f"cannot be bound: {error.strerror}"
    except UnicodeError:
        return "cannot be bound: no host can have such a name"
    # Of a name with two addresses, asyncio's servers need both.
    return TAKEN if TAKEN in reasons else max(reasons)


def _places(host: str, port: int) -> set[tuple[socket.AddressFamily, tuple[object, ...]]]:
    """The addresses that a server listening there binds: `localhost` may have two."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return {(family, address) for family, *_, address in found}


def _refusal(family: socket.AddressFamily, address: tuple[object, ...]) -> str:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # as asyncio's servers do; `::` would include all IPv4 addresses
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
    except OSError as error:
        return TAKEN if error.errno == errno.EADDRINUSE else f"cannot be bound: {error.strerror}"
    return ""


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on the port now."""
    return not hindrance(host, port)


def hindrances(wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, str]]:
    """The hindrance of each of the servers that are to run side by side; empty if it can listen."""
    for number, one in enumerate(wanted):
        rivals = (other.what for other in wanted[:number] if other.port == one.port and _meet(other.host, one.host))
        rival = next(rivals, "")
        yield one, f"is for {rival}" if rival else hindrance(one.host, one.port)


def _meet(host: str, other: str) -> bool:
    if host == other or {host, other} & EVERYWHERE.keys():
        return True
    with suppress(OSError, UnicodeError):  # a host that is not known meets none
        return bool(_places(host, 0) & _places(other, 0))
    return False


def require_free(wanted: Sequence[Wanted]) -> None:
    """Require that every server can listen at its address.

    Raises:
        PortInUseError: One cannot; names it, and the setting to change.
    """
    for one, reason in hindrances(wanted):
        if reason:
            place = f"port {one.port} on {one.host}"
            raise PortInUseError(f"{place} {reason}, but {one.what} needs it. {remedy(one, reason)}")


def remedy(wanted: Wanted, reason: str) -> str:
    """What to do about a hindrance."""
    if reason == TAKEN:
        return f"Stop what listens there, or take another: {_change(wanted.setting)}"
    return f"Take another: {_change(*filter(None, (wanted.host_setting, wanted.setting)))}"


def _change(*settings: str) -> str:
    variables = ("TOUCHLINE_" + setting.replace(".", "__").upper() for setting in settings)
    return f"set {' or '.join(settings)} in touchline.toml, or {' or '.join(variables)}"


def free_port(host: str = "127.0.0.1", besides: Collection[int] = ()) -> int:
    """A port that is free now, if possible one that the system does not give to outgoing connections.

    `besides`: ports that were chosen before and are not in use yet.
    """
    for port in SystemRandom().sample(QUIET_PORTS, 100):
        if port not in besides and is_free(host, port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def accepts(host: str, port: int) -> bool:
    """Whether a server accepts connections there."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
