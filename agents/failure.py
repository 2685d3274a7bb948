"""Ends a worker after an unexpected error."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from aiokafka.errors import KafkaError

from pipeline.stitching.store import ClaimLostError

P = ParamSpec("P")
R = TypeVar("R")

OUTAGES: Final = (KafkaError, OSError)
"""The broker is away or accepts nothing, or a port is in use: a traceback into our code would explain nothing."""

log = logging.getLogger("touchline.worker")


class Failure:
    """Set after an unexpected exception; the worker then ends with exit status 1.

    Its memory may be half updated, so it must neither acknowledge nor go on. Its supervisor restarts it, and the work
    is repeated from the last commit.
    """

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    @property
    def happened(self) -> bool:
        """Whether the worker must end."""
        return self._happened.is_set()

    def report(self, where: str, error: BaseException) -> None:
        """Log the error and end the worker."""
        if isinstance(error, ClaimLostError):  # expected after a worker was suspended or cut off for too long
            log.warning("%s; the worker stops, to be restarted", error)
        else:
            told_by_words = isinstance(error, OUTAGES) or error.__traceback__ is None
            trace = None if told_by_words else error
            log.error("%s failed, the worker stops: %s: %s", where, type(error).__name__, error, exc_info=trace)
        self._happened.set()

    async def wait(self) -> None:
        """Return once a failure has happened."""
        await self._happened.wait()

    def guard(self, where: str, work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """Wrap work so that it neither returns after an exception nor starts after a failure: no caller may go on."""

        async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not self.happened:
                try:
                    return await work(*args, **kwargs)
                except Exception as error:
                    self.report(where, error)
            await asyncio.Event().wait()  # until the process ends
            raise AssertionError("nothing sets that event")

        return guarded
