"""Raw events of one topic packed into one message, because brokers and their clients have a cost per message."""

from typing import Final

import msgspec

MESSAGE_EVENTS: Final = 200
MESSAGE_BYTES: Final = 256 * 1024


class Pack(msgspec.Struct):
    """Events of one topic that travel as one message."""

    topic: str
    events: list[bytes]
    indexes: list[int]
    """The sender's number of each event: its line in a file, its place in a request."""
    size: int = 0

    def takes(self, event: bytes) -> bool:
        """Whether one more event fits; the first always does."""
        if not self.events:
            return True
        return len(self.events) < MESSAGE_EVENTS and self.size + len(event) <= MESSAGE_BYTES

    def add(self, event: bytes, index: int) -> None:
        """Add an event: the bytes of a JSON object."""
        self.events.append(event)
        self.indexes.append(index)
        self.size += len(event) + 1

    @property
    def message(self) -> bytes:
        """A JSON array."""
        return b"[" + b",".join(self.events) + b"]"
