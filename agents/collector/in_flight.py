"""Bounds what the collector holds at once."""

from types import TracebackType
from typing import Self


class InFlight:
    """A bound on the bytes of bodies that were read and are not answered yet."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        """Taken by all requests together."""

    def share(self) -> "Share":
        """The share of one request; use as a context manager, which gives it back."""
        return Share(self)


class Share:
    """What one request has taken."""

    def __init__(self, whole: InFlight) -> None:
        self._whole = whole
        self.bytes = 0

    def fits(self, count: int) -> bool:
        """Whether `count` bytes could be taken now."""
        return self._whole.bytes + count <= self._whole.limit

    def take(self, count: int) -> bool:
        """Take `count` more bytes; False if that would exceed the limit."""
        if not self.fits(count):
            return False
        self.bytes += count
        self._whole.bytes += count
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._whole.bytes -= self.bytes
        self.bytes = 0
