"""Raw events of one topic packed into one message, as what brokers and their clients cost is per message."""

from typing import Final

import msgspec

MESSAGE_EVENTS: Final = 200
MESSAGE_BYTES: Final = 256 * 1024


class Pack(msgspec.Struct):
    """Events of one topic that travel as one message."""

    topic: str
    events: list[bytes]
    indexes: list[int]
    """The numbers by which whoever sends them knows them: lines of a file, places in a request."""
    size: int = 0

    def takes(self, event: bytes) -> bool:
        """Whether there is room for one more; for a first one there always is."""
        if not self.events:
            return True
        return len(self.events) < MESSAGE_EVENTS and self.size + len(event) <= MESSAGE_BYTES

    def add(self, event: bytes, index: int) -> None:
        """Add one, the bytes of a JSON object."""
        self.events.append(event)
        self.indexes.append(index)
        self.size += len(event) + 1

    @property
    def message(self) -> bytes:
        """A JSON array."""
        return b"[" + b",".join(self.events) + b"]"
