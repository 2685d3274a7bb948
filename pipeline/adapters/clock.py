"""The clocks of this machine: they are read at the edge, and handed to what is pure."""

import time


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def steady_clock() -> int:
    """Milliseconds since whenever; it does not jump when the wall clock is set."""
    return time.monotonic_ns() // 1_000_000
