"""Stops processes for a while."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.processes import state
from tests.waiting import eventually

STOP_SECONDS: Final = 5.0


@contextmanager
def stopped(process_id: int) -> Iterator[None]:
    """SIGSTOP a process and wait until it is stopped; SIGCONT afterwards."""
    os.kill(process_id, signal.SIGSTOP)
    try:
        standing = eventually(lambda: state(process_id) == "T", STOP_SECONDS, look_every=0.001)
        assert standing, f"process {process_id} goes on although it was stopped"
        yield
    finally:
        os.kill(process_id, signal.SIGCONT)
