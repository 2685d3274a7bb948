"""A raw record of a topic, as the broker delivered it."""

import msgspec

from pipeline.events.replay import Replay


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record with its position."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """When the broker (or the producer, as the topic is configured) took it: milliseconds since the epoch."""
    value: bytes
    replay: Replay | None = None
    """Set if it repeats a dead letter."""
    tenure: int | None = None
    """Set on mail that was delivered ahead: the tenure of the partition's owner in which that happened."""
