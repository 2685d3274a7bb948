"""Sessions kept between requests: opening and preparing one costs as much as a small statement."""

import threading
from collections import deque
from typing import Final

from pipeline.adapters.clickhouse.endpoint.session import Kind, Session

_MOST: Final = 16


class IdleSessions:
    """Sessions that are still as they were prepared, the most recently used last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: deque[Session] = deque()

    def take(self, kind: Kind) -> Session | None:
        """Remove and return a session that was prepared so; None if there is none."""
        with self._lock:
            found = next((session for session in reversed(self._sessions) if session.kind == kind), None)
            if found is not None:
                self._sessions.remove(found)
            return found

    def keep(self, session: Session) -> None:
        """Keep a session; if there are too many, the least recently used one is closed."""
        with self._lock:
            self._sessions.append(session)
            surplus = self._sessions.popleft() if len(self._sessions) > _MOST else None
        if surplus is not None:
            surplus.close()

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            sessions, self._sessions = self._sessions, deque()
        for session in sessions:
            session.close()
