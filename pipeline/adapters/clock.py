"""The clocks of this machine: read at the edge, and passed as arguments to the pure core."""

import time


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def steady_clock() -> int:
    """Milliseconds since an arbitrary moment; it does not jump when the wall clock is set."""
    return time.monotonic_ns() // 1_000_000
