"""How the C library gives memory back to the system, in processes that run for months."""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
"""Names of parameters in glibc's `malloc.h`."""
MAPPED_BYTES: Final = 256 * 1024


def keep_heap_compact() -> None:
    """Let all threads share one heap, and map larger blocks, such as requests, by themselves. Call it before threads.

    By default glibc gives each thread a heap of its own, up to eight for each core, and raises the size from which a
    block is mapped to that of the largest that was freed. Bodies of requests then leave holes in every heap: a
    ClickHouse endpoint with 24 MiB in use held 81 MiB after an hour, and went on. Python's own lock
    serialises nearly all of its allocations anyway. Does nothing where the C library is another.
    """
    set_parameter = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_parameter is not None:
        set_parameter(_ARENA_MAX, 1)
        set_parameter(_MMAP_THRESHOLD, MAPPED_BYTES)
