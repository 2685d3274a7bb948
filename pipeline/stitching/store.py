"""The port to the durable state of stitching."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from pipeline.stitching.changes import Changes, StoredTouch, Wake

EPOCH_SHIFT: Final = 40
"""A row version is `epoch << EPOCH_SHIFT | sequence`: 2⁴⁰ batches fit into one assignment."""


class StoredFriction(msgspec.Struct, frozen=True, gc=False):
    """What a worker must know of a friction it wrote before."""

    content: int
    """Unsigned 64-bit hash of the row, as `content_hash` computes it."""
    detected_at: int
    """Milliseconds since the epoch."""
    kind: str


class StoredMailbox(msgspec.Struct):
    """A mailbox as the store has it, with the rows derived from it.

    A crash may have left the parts from different batches; the stitch step repairs that on loading.
    """

    state: bytes = b""
    """Empty if the mailbox has no links, versions or marks."""
    touches: list[StoredTouch] = msgspec.field(default_factory=list)
    journeys: dict[str, int] = msgspec.field(default_factory=dict)
    """Content hash of each journey row by journey id."""
    closed: set[str] = msgspec.field(default_factory=set)
    """Ids of those journeys that are closed."""
    frictions: dict[str, StoredFriction] = msgspec.field(default_factory=dict)


class Store(Protocol):
    """Durable state of the mailboxes; one implementation on ClickHouse, one in memory, one contract suite.

    All methods may raise `StoreUnavailableError` when the store cannot be reached; the caller tries again. They may
    raise `StoreRejectedError`, for instance if a table is missing; then the worker ends.
    When `save` returns, its rows are durable and visible to every later `load` of any worker.
    """

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Take over partitions; returns for each an epoch higher than any that was claimed before.

        Rows saved under a later epoch win over rows saved under an earlier one, whenever they arrive.
        """
        ...

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        """Load mailboxes; those that the store does not know are not in the answer."""
        ...

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        """Save the changes of a batch. `versions` gives the row version for each partition that occurs in it.

        A row version is `epoch << EPOCH_SHIFT | sequence`; of two rows with the same key the higher version counts.
        Touchpoints are durable before anything else is written: otherwise the stored state of a mailbox could hide
        that a former worker did not write its touchpoints. Wakes that are taken back are written last: from then on,
        nothing else asks for that fold. What is to be counted is claimed in the register meanwhile, so that the next
        owner may count it if the partition was lost before.

        Raises:
            ClaimLostError: A later epoch of one of the partitions has been claimed; its owner repeats the batch.
            RowsRefusedError: Some rows cannot be saved; take them out and save again.
        """
        ...

    async def ask(self, wakes: Sequence[Wake], versions: Mapping[int, int]) -> None:
        """Save wakes even if another worker has claimed their partitions since: a former worker's last request."""
        ...

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        """The open wakes `(customer, at)` of these partitions with `since <= at <= until`, earliest first.

        At most `limit`. The cost depends on the wakes in that range, done ones included, and not on how many are open
        beyond it: pass `since` if all older ones are known to be done.
        """
        ...


class ClaimLostError(Exception):
    """Another worker has taken over a partition; the former owner must discard what it knows and stop."""


class StoreUnavailableError(Exception):
    """The store cannot be reached, is full or read-only: try again later."""


class StoreRejectedError(Exception):
    """The store refuses a statement or its rows, and would refuse them again: do not retry."""


class RowKind(StrEnum):
    """What a row that may be left out is about."""

    TOUCHPOINT = "touchpoint"
    JOURNEY = "journey"
    FRICTION = "friction"


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that the store refuses for its content."""

    kind: RowKind
    customer: str
    key: bytes
    """The event key, or the journey or friction id as UTF-8."""
    detail: str
    """What the store says."""


class RowsRefusedError(StoreRejectedError):
    """Some rows cannot be saved, while others of their tables can; the rest of the batch may be saved only in part.

    The caller takes them out and saves again.
    """

    def __init__(self, rows: Sequence[RefusedRow]) -> None:
        super().__init__(rows[0].detail)
        self.rows = tuple(rows)
