"""What the batch transport delivers, and how a topic asks for it."""

from dataclasses import dataclass

import faust
from faust.types import AppT, Message

from agents.transport.commits import Ticket
from pipeline.events.record import Record


@dataclass(frozen=True)
class BatchLimits:
    """How large a batch may get, and how long to wait for batches in hand."""

    records: int = 10_000
    ordered_records: int = 2_000
    """The same for topics that are read in the order of time: a backlog is read as finely as this. With 4,000 more of
    its touchpoints are rewritten, and with 1,000 the worker waits more often for batches."""
    bytes: int = 2 * 1024 * 1024
    """Bytes of values, give or take one record. The broker's answer may be larger than the fetch asked for."""
    in_hand_seconds: float = 4.0
    """How long a rebalance or a stop waits for the batches in hand. Then it abandons them: their acknowledgement is
    void, and the partition's next owner repeats them. Keep it below the session timeout."""


@dataclass(eq=False, slots=True)
class RecordBatch:
    """The records of one partition and fetch, in order; the value of one Faust event."""

    records: list[Record]
    """Never empty when it is handed over; the work may clear it once it needs them no more."""
    start: int
    """The consumer's position before the batch."""
    end: int
    """The consumer's position after the batch: what is committed once it and all before it are done."""
    assignment: int
    """Number of the assignment it was fetched under."""
    origin: int | None = None
    """The consumer's position before the first fetch of the partition under that assignment."""
    ticket: Ticket | None = None
    """Set when the batch is handed over."""
    done: bool = False
    """Set by `each_group` once the work is done. Faust's own acknowledgement, which also happens to
    messages that were skipped or failed, does not count without it."""


class RecordBatchSchema(faust.Schema):  # type: ignore[misc] # Faust's types are not followed
    """A topic with this schema is delivered in batches: events whose value is a `RecordBatch`."""

    def loads_key(self, app: AppT, message: Message, **_: object) -> None:
        """Batches have no key."""

    def loads_value(self, app: AppT, message: Message, **_: object) -> RecordBatch:
        """Return the batch as it is: there is nothing to decode."""
        batch: RecordBatch = message.value
        return batch


class OrderedBatchSchema(RecordBatchSchema):
    """A topic with this schema is read in the order of time, side by side with all other topics that have it."""
