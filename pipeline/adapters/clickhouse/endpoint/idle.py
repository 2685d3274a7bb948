"""Sessions between two requests: opening and preparing one costs as much as a small statement."""

import threading
from collections import deque
from typing import Final

from pipeline.adapters.clickhouse.endpoint.session import Kind, Session

_MOST: Final = 16


class IdleSessions:
    """Sessions that are as they were prepared, the one used last at the end. May be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: deque[Session] = deque()

    def take(self, kind: Kind) -> Session | None:
        """A session that was prepared so, which nobody else gets; None if there is none."""
        with self._lock:
            found = next((session for session in reversed(self._sessions) if session.kind == kind), None)
            if found is not None:
                self._sessions.remove(found)
            return found

    def keep(self, session: Session) -> None:
        """Keep a session; if there are too many, the one that was not used for longest is closed."""
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
