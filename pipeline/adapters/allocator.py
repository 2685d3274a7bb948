"""How the C library returns memory to the system, for processes that run for months."""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
"""Parameters of `mallopt` in glibc's `malloc.h`."""
MAPPED_BYTES: Final = 256 * 1024


def keep_heap_compact() -> None:
    """Make all threads share one arena, and map larger blocks, such as requests, separately.

    Call it before starting threads. By default glibc creates up to eight arenas per core, and raises the size from
    which blocks are mapped to that of the largest freed one. Request bodies then leave holes in every arena: a
    ClickHouse endpoint with 24 MiB in use held 81 MiB after an hour, and kept growing. Sharing costs little, as
    Python's own lock serialises nearly all allocations anyway. Does nothing with another C library.
    """
    set_parameter = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_parameter is not None:
        set_parameter(_ARENA_MAX, 1)
        set_parameter(_MMAP_THRESHOLD, MAPPED_BYTES)
