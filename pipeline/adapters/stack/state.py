"""What a running stack leaves in its data directory: a lock, and the addresses for other commands."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

import msgspec

LOCK_FILE = "up.lock"
STATE_FILE = "up.json"
LOOK_SECONDS = 0.5
"""How long a stack tries to take the lock: `is_in_use` of another command holds it for a moment."""
PAUSE_SECONDS = 0.02


class StackState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a running stack listen."""

    pid: int
    broker: str
    """Kafka bootstrap servers."""
    clickhouse: str
    """URL."""
    metrics: tuple[str, ...]
    """One URL per worker."""
    collector: str = ""
    """URL; empty if none runs."""
    embedded_broker: bool
    embedded_clickhouse: bool
    started_at: int
    """Milliseconds since the epoch."""


class DataDirectoryInUseError(Exception):
    """Another stack runs on the same data directory."""


class DataDirectoryLock:
    """Held for as long as a stack runs on a data directory; the kernel releases it when the process ends."""

    def __init__(self, data: Path) -> None:
        """Take the lock.

        Raises:
            DataDirectoryInUseError: Another process holds it.
        """
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._data = data
        self._stream: IO[str] = (data / LOCK_FILE).open("a+")
        if not _locked(self._stream, time.monotonic() + LOOK_SECONDS):
            self._stream.close()
            raise DataDirectoryInUseError(
                f"{data} is in use by another `touchline up`{holder(data)}. "
                "Stop that one, or give this one another directory with --data"
            )
        self._stream.truncate(0)
        self._stream.write(f"{os.getpid()}\n")
        self._stream.flush()

    def publish(self, state: StackState) -> None:
        """Tell other commands where the stack listens."""
        partial = self._data / f"{STATE_FILE}.partial"
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
        partial.replace(self._data / STATE_FILE)

    def release(self) -> None:
        """Withdraw the state and release the lock."""
        (self._data / STATE_FILE).unlink(missing_ok=True)
        self._stream.truncate(0)
        self._stream.close()


def _locked(stream: IO[str], deadline: float) -> bool:
    """Take the lock; returns whether that succeeded by the deadline."""
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        else:
            return True


def running_state(data: Path) -> StackState | None:
    """The state of the stack that runs on a data directory; None if none runs."""
    if not is_in_use(data):
        return None
    try:
        return msgspec.json.decode((data / STATE_FILE).read_bytes(), type=StackState)
    except (OSError, msgspec.MsgspecError):
        return None


def holder(data: Path) -> str:
    """The process that runs a stack on a data directory, in words; empty if the lock file does not say."""
    process = (data / LOCK_FILE).read_text().strip()
    return f", process {process}" if process else ""


def is_in_use(data: Path) -> bool:
    """Whether a stack runs on a data directory, or is starting or stopping on it."""
    try:
        with (data / LOCK_FILE).open() as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
