"""The end of a process that does not come to its end: one that was told to stop must not stay for ever."""

import faulthandler

STDERR = 2


def end_within(seconds: float) -> None:
    """End this process with status 1 after so long, and write where it stands. On Linux its children end with it.

    This does not need Python: neither a blocked event loop nor a thread that holds the interpreter keeps it from it.
    Called again, the latest call holds.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=STDERR)


def call_off() -> None:
    """Let it live after all."""
    faulthandler.cancel_dump_traceback_later()
