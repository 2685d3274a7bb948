"""Which offsets may be committed: the longest acknowledged prefix of the batches of each partition."""

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Partition = TypeVar("Partition", bound=Hashable)


@dataclass(eq=False, slots=True)
class Ticket:
    """One delivered batch: the positions `start` to `end` (exclusive) of a partition."""

    start: int
    end: int
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Hole:
    """A batch that does not follow the last accepted one, which ended at `position`."""

    position: int


@dataclass(frozen=True, slots=True)
class Stale:
    """A batch of an assignment that is over: drop it."""


Delivery = Ticket | Hole | Stale


@dataclass(slots=True)
class _Progress:
    """One partition under one assignment."""

    assignment: int | None
    """None after a seek: that of the next batch, whichever it is."""
    position: int | None
    """Where the next batch must start; None until that is known."""
    in_flight: deque[Ticket] = field(default_factory=deque)
    """Delivered and not yet committable, in order of position."""
    committable: int | None = None
    committed: int | None = None


class PrefixCommits(Generic[Partition]):
    """Bookkeeping of the batches in flight.

    Three rules keep records from being skipped:

    * A batch is accepted only where the last accepted one ended, so records dropped on the way from the broker show as
      a hole and can be fetched again.
    * Only the longest acknowledged prefix of the accepted batches may be committed.
    * A revocation voids all tickets, and a seek those from its position on: acknowledging them changes nothing.

    A batch that begins before the end of the last accepted one means that the client went back by itself, because the
    broker's log was truncated or recreated. Positions are compared, never counted: the gaps that compaction and
    transactions leave are no holes.
    """

    def __init__(self) -> None:
        self._progress: dict[Partition, _Progress] = {}
        self._closed_assignment = 0

    def deliver(
        self, partition: Partition, assignment: int, start: int, end: int, origin: int | None = None
    ) -> Delivery:
        """Register a batch just before it is handed over.

        Args:
            partition: Where the batch comes from.
            assignment: Number of the assignment it was fetched under, from 1; later assignments have higher numbers.
            start: The consumer's position before the batch.
            end: The consumer's position after the batch.
            origin: Where the first fetch of the assignment began, so that records dropped before the first accepted
                batch show as a hole, too. None: not known.
        """
        if assignment <= self._closed_assignment:
            return Stale()
        progress = self._under(partition, assignment)
        expected = origin if progress.position is None else progress.position
        if expected is not None and start > expected:
            return Hole(expected)
        if progress.position is not None and start < progress.position:
            self.rewind(partition, start)
            progress = self._under(partition, assignment)
        ticket = Ticket(start, end)
        progress.in_flight.append(ticket)
        progress.position = end
        return ticket

    def _under(self, partition: Partition, assignment: int) -> _Progress:
        progress = self._progress.get(partition)
        if progress is None or progress.assignment not in (assignment, None):
            progress = self._progress[partition] = _Progress(assignment, None)
        progress.assignment = assignment
        return progress

    def acknowledge(self, partition: Partition, ticket: Ticket) -> bool:
        """Mark a batch as done. False if the ticket is void or was acknowledged before."""
        progress = self._progress.get(partition)
        if progress is None or ticket.acknowledged or ticket not in progress.in_flight:
            return False
        ticket.acknowledged = True
        while progress.in_flight and progress.in_flight[0].acknowledged:
            progress.committable = progress.in_flight.popleft().end
        return True

    def committable(self, partition: Partition) -> int | None:
        """The position to commit; None if there is nothing that has not been committed."""
        progress = self._progress.get(partition)
        if progress is None or progress.committable == progress.committed:
            return None
        return progress.committable

    def committed(self, partition: Partition, position: int) -> None:
        """Note that the broker has taken a commit."""
        if (progress := self._progress.get(partition)) is not None:
            progress.committed = position

    def partitions(self) -> list[Partition]:
        """The partitions that had a delivery or a seek since they were assigned."""
        return list(self._progress)

    def done_until(self, partition: Partition) -> int | None:
        """Everything before this position is acknowledged; None if nothing is known of the partition."""
        progress = self._progress.get(partition)
        if progress is None:
            return None
        return progress.in_flight[0].start if progress.in_flight else progress.position

    def in_flight(self, partition: Partition) -> int:
        """How many batches of the partition are delivered and not committable."""
        progress = self._progress.get(partition)
        return len(progress.in_flight) if progress else 0

    def rewind(self, partition: Partition, position: int | None) -> None:
        """Note a seek: tickets in flight from its position on are void, and those before it stay valid.

        Args:
            partition: The partition.
            position: Where the consumer reads on. None if it stays where it is: then everything from the first
                unacknowledged batch on counts as not yet delivered.
        """
        before = self._progress.get(partition)
        progress = self._progress[partition] = _Progress(None, position)
        if before is None:
            return
        if position is None:
            progress.position = before.in_flight[0].start if before.in_flight else before.position
            return
        progress.in_flight = deque(ticket for ticket in before.in_flight if ticket.start < position)
        if progress.in_flight:  # what the last one has from `position` on will be read again
            progress.in_flight[-1].end = min(progress.in_flight[-1].end, position)
        if before.committable is not None and before.committable <= position:
            progress.committable, progress.committed = before.committable, before.committed

    def skip_to(self, partition: Partition, position: int) -> None:
        """Accept a hole, because the broker no longer has what is missing."""
        if (progress := self._progress.get(partition)) is not None:
            progress.position = position

    def revoke(self, partitions: Iterable[Partition], assignment: int) -> None:
        """The assignment with this number is over: its tickets are void and its late batches stale."""
        self._closed_assignment = max(self._closed_assignment, assignment)
        for partition in partitions:
            self._progress.pop(partition, None)
