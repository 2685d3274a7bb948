"""Waiting for what happens in other threads and processes."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 15.0, look_every: float = 0.1) -> bool:
    """Whether a condition holds within some seconds; returns as soon as it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(look_every)
    return True
