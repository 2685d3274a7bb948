"""The contenders, and the environment in which each runs."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks.measuring import Measured

LIMIT_SECONDS: Final = 600
STDERR_SHOWN: Final = 1_000


class ContenderError(Exception):
    """A contender did not do its job."""


class Contender(msgspec.Struct, frozen=True, kw_only=True):
    """A framework, doing the small job in one way."""

    name: str
    module: str
    """Its module in this package."""
    keeps: str
    """Where it keeps its counts."""
    needs: str = ""
    """The package that the peers' environment must have; empty: it runs in the project's own."""
    slow: bool = False
    """Whether it handles only some thousands of events per second."""
    arguments: tuple[str, ...] = ()


PLAIN_FAUST: Final = Contender(name="plain Faust", module="on_faust", keeps="a dict", slow=True)
TOUCHLINE: Final = Contender(name="Touchline's transport", module="on_touchline", keeps="a dict")
CONTENDERS: Final = (
    PLAIN_FAUST,
    TOUCHLINE,
    Contender(name="bytewax", module="on_bytewax", keeps="a dict", needs="bytewax"),
    Contender(name="quixstreams", module="on_quixstreams", keeps="a dict", needs="quixstreams"),
    Contender(name="sentry-arroyo", module="on_arroyo", keeps="a dict", needs="arroyo"),
    Contender(name="bytewax", module="on_bytewax", keeps="its keyed state", needs="bytewax", arguments=("keyed",)),
    Contender(
        name="quixstreams",
        module="on_quixstreams",
        keeps="its keyed state",
        needs="quixstreams",
        arguments=("keyed",),
    ),
)


def present(python: Path | None) -> list[Contender]:
    """The contenders that can run: those that need no package, or one that the peers' environment has."""
    return [one for one in CONTENDERS if not one.needs or (python and _has(python, one.needs))]


def count(contender: Contender, python: Path | None, broker: str, topic: str, events: int) -> Measured:
    """Let it count the first `events` events that it reads from a topic, in a process of its own.

    Raises:
        ContenderError: It failed, or took too long.
    """
    interpreter = str(python) if contender.needs else sys.executable
    command = [
        interpreter,
        "-W",
        "ignore",
        "-m",
        f"tests.benchmarks.peers.{contender.module}",
        broker,
        topic,
        str(events),
    ]
    return measured([*command, *contender.arguments])


def measured(command: Sequence[str]) -> Measured:
    """Run a contender, which prints the output of `Counting.report`.

    Raises:
        ContenderError: It failed, or took too long.
    """
    try:
        result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ContenderError(f"not done within {LIMIT_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        raise ContenderError(f"exit status {error.returncode}: {error.stderr[-STDERR_SHOWN:]}") from error
    events, seconds, used = result.stdout.split()
    return Measured(events=int(events), seconds=float(seconds), cpu_seconds=float(used))


def _has(python: Path, package: str) -> bool:
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([str(python), "-c", asked], check=False).returncode == 0
