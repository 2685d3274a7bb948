"""Notices a worker whose position stands still although batches are delivered: its lag grows, and no error says why."""

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

T = TypeVar("T")
Since = tuple[T, int]
"""A value, and when it was first found."""


class Waiting(NamedTuple):
    """A partition with batches that are delivered and not done."""

    position: int
    """Everything before it is done."""
    lag: int | None
    """Records not yet done; None: not known."""


class Standstill:
    """Measures how long positions stand still, in milliseconds of a monotonic clock.

    Starts over while ClickHouse does not answer: a worker is supposed to wait then.
    """

    def __init__(self, limit_ms: int) -> None:
        """`limit_ms`: how long a position may stand still."""
        self._limit = limit_ms
        self._since: dict[Hashable, tuple[int, int]] = {}
        self.longest_ms = 0
        """The longest current standstill of any position."""

    def look(self, now: int, waiting: Mapping[Hashable, Waiting], excused: bool) -> str:
        """Say what has stood still for too long; empty if nothing has.

        Args:
            now: The clock.
            waiting: The partitions with batches in flight.
            excused: Whether there is a reason to wait.
        """
        positions = {name: found.position for name, found in waiting.items()}
        self._since = unchanged({} if excused else self._since, positions, now)
        stood = {name: now - since for name, (_, since) in self._since.items()}
        self.longest_ms = max(stood.values(), default=0)
        late = [name for name, milliseconds in stood.items() if milliseconds > self._limit]
        return _said(late[0], waiting[late[0]], stood[late[0]]) if late else ""


def unchanged(known: Mapping[Hashable, Since[T]], found: Mapping[Hashable, T], now: int) -> dict[Hashable, Since[T]]:
    """The values found now, each with the time since when every look has found the same."""
    return {
        name: known[name] if name in known and known[name][0] == value else (value, now)
        for name, value in found.items()
    }


def _said(name: Hashable, found: Waiting, milliseconds: int) -> str:
    lag = "an unknown number of" if found.lag is None else str(found.lag)
    return (
        f"the position of {name} stands at {found.position} for {milliseconds // 1000} s, {lag} records behind, "
        "though batches were delivered and ClickHouse answers"
    )
