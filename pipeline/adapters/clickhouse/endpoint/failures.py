"""Detects inserts that fail but report success: the bindings lose errors that occur while rows are written.

When a row violates a constraint, a view on the table throws or the disk is full, `finish` of a streamed insert returns
normally (chDB 4.4). But the engine counts failed inserts, so a count that has grown meanwhile reveals the failure.
"""

from collections.abc import Callable
from typing import Final

from pipeline.adapters.clickhouse.endpoint.errors import EngineError

Ask = Callable[[str], bytes]
"""Runs a query and returns its output as `TSVRaw`."""

_COUNT: Final = "SELECT value FROM system.events WHERE event = 'FailedInsertQuery'"
_ERRORS: Final = """
SELECT code, value, concat(replaceAll(replaceAll(last_error_message, '\\t', ' '), '\\n', ' '), ' (', name, ')')
FROM system.errors ORDER BY last_error_time DESC
"""


class FailedInserts:
    """How many inserts have failed in this engine, and with which errors, as far as known."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._forgotten = 0
        """How often `forget` was called: a count queried meanwhile may be outdated, and is not kept."""
        self._errors: dict[int, int] = {}
        """How often each code has occurred."""

    def forget(self) -> None:
        """Discard the known count: a statement has failed with an error that was reported."""
        self._count = None
        self._forgotten += 1

    def known(self, ask: Ask) -> int:
        """The count before an insert."""
        if self._count is not None:
            return self._count
        forgotten = self._forgotten
        self._errors = {code: times for code, times, _ in _errors(ask)}
        count = _count(ask)
        if forgotten == self._forgotten:
            self._count = count
        return count

    def require(self, before: int, ask: Ask) -> None:
        """Make sure that no insert has failed since the count was `before`.

        If one has, it may be another that ran at the same time; then this one is repeated needlessly.

        Raises:
            EngineError: One has; this is the latest error that was not known before.
        """
        forgotten = self._forgotten
        count = _count(ask)
        if count > before:
            errors = _errors(ask)
            new = [(code, message) for code, times, message in errors if times > self._errors.get(code, 0)]
            self._errors = {code: times for code, times, _ in errors}
            self._count = count if forgotten == self._forgotten else None
            raise _failure(new)


def _failure(new: list[tuple[int, str]]) -> EngineError:
    if not new:
        return EngineError.from_engine("The insert failed, or another one at the same time")
    code, message = new[0]
    return EngineError(code, f"Code: {code}. DB::Exception: {message}")


def _count(ask: Ask) -> int:
    return int(ask(_COUNT).strip() or 0)


def _errors(ask: Ask) -> list[tuple[int, int, str]]:
    rows = [line.split("\t", 2) for line in ask(_ERRORS).decode(errors="replace").splitlines()]
    return [(int(code), int(times), message) for code, times, message in rows]
