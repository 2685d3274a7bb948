"""The last resort for a process that was told to stop and does not: it must not stay for ever."""

import faulthandler

STDERR = 2


def end_within(seconds: float) -> None:
    """Exit with status 1 after so many seconds, and write the stack of every thread. On Linux the children end, too.

    This does not run in Python: neither a blocked event loop nor a thread that holds the interpreter lock prevents it.
    A later call replaces an earlier one.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=STDERR)


def call_off() -> None:
    """Cancel what `end_within` has set up."""
    faulthandler.cancel_dump_traceback_later()
