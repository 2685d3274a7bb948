"""What threads have freed goes back to the system."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks glibc, which is Linux's")

PROGRAM = """
import ctypes, threading
from pipeline.adapters.allocator import MAPPED_BYTES, keep_heap_compact
keep_heap_compact()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
bytearray(8 * MAPPED_BYTES)  # freed at once: from here on glibc by itself would not map blocks of that size
together = threading.Barrier(4)
def work():
    together.wait()
    kept.append(libc.malloc(ctypes.c_size_t(1000)))
    kept.append(bytearray(2 * MAPPED_BYTES))
    together.wait()
kept = []
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def test_threads_share_a_heap_and_large_blocks_have_their_own() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True).stderr.decode()
    if "max mmap regions" not in told:
        pytest.skip("the C library is not glibc")
    assert told.count("Arena ") == 1, told
    assert int(told.partition("max mmap regions =")[2].split()[0]) >= 4, told
