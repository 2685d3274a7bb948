"""Processes stopped for a while."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.processes import state

STOP_SECONDS: Final = 5.0


@contextmanager
def stopped(process_id: int) -> Iterator[None]:
    """SIGSTOP, and see that it stands still; SIGCONT afterwards."""
    os.kill(process_id, signal.SIGSTOP)
    try:
        deadline = time.monotonic() + STOP_SECONDS
        while state(process_id) != "T":
            assert time.monotonic() < deadline, f"process {process_id} goes on although it was stopped"
        yield
    finally:
        os.kill(process_id, signal.SIGCONT)
