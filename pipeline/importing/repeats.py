"""Events that share an id with another one but differ."""

import orjson

from pipeline.importing.mapper import MappedEvent

REMEMBERED = 250_000


class Repeats:
    """Finds events that share source and id with an earlier one but differ: the pipeline keeps only one of them.

    Remembers hashes of at least the last `REMEMBERED` events and at most twice as many: exports may exceed memory.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first: MappedEvent | None = None
        self._recent: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def add(self, made: MappedEvent) -> None:
        """Take one event."""
        identity, content = hash((made.event["source"], made.event["id"])), hash(orjson.dumps(made.event))
        before = self._recent.get(identity, self._older.get(identity, content))
        if before != content:
            self.count += 1
            self.first = self.first or made
        if len(self._recent) == REMEMBERED:
            self._older, self._recent = self._recent, {}
        self._recent[identity] = before
