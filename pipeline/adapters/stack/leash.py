"""Runs a command that ends when its parent ends, however the parent ends: `leash.py PARENT COMMAND...`.

A separate file, run without the package, to start in a few milliseconds. On Linux the kernel kills the command; on
other systems a parent that is killed outright leaves its children running. The next start says which ports they hold.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Put the leash on and become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the leash was on
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - a fixed argument list, no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
