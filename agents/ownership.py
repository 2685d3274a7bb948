"""Which mail partitions the worker owns, and which of them it must take over or give up."""

from collections.abc import Iterable
from typing import NamedTuple


class Membership(NamedTuple):
    """One member of the consumer group in one of the group's generations."""

    member: str
    """The member id that the coordinator gave; empty once it is lost. A worker that was removed gets another one."""
    generation: int
    """Starts over when the group is lost, with its broker for instance."""

    def follows(self, before: "Membership | None") -> bool:
        """Whether this is the same member, one generation after `before`."""
        return before is not None and bool(self.member) and self == (before.member, before.generation + 1)


class Handover(NamedTuple):
    """Which partitions to give up and to take over before the next batch."""

    lost: frozenset[int]
    gained: frozenset[int]
    partitions: frozenset[int]
    """The whole assignment."""
    assignment: int
    """Its number, counted by the worker, because generations of the group may repeat."""
    membership: Membership


class Ownership:
    """Follows the assignments of the consumer group.

    A rebalance only records its outcome here. The stitch flow acts on it between two batches, so a rebalance never
    waits for the store. A partition that stays with the worker from one generation of the group to the next had no
    other owner in between, and its mailboxes may stay in memory.
    """

    def __init__(self) -> None:
        self._held: frozenset[int] = frozenset()
        self._held_assignment = 0
        self._held_membership: Membership | None = None
        self._assigned: frozenset[int] | None = None
        """None from a revocation to the next assignment."""
        self._assignment = 0
        self._membership = Membership("", -1)

    def revoked(self) -> None:
        """All partitions were revoked; an assignment will follow."""
        self._assigned = None

    def assigned(self, partitions: Iterable[int], membership: Membership) -> None:
        """The group's coordinator assigned these partitions to this member in this generation."""
        self._assigned = frozenset(partitions)
        self._assignment += 1
        self._membership = membership

    def owns(self, partition: int) -> bool:
        """Whether the partition is assigned, taken over and not revoked."""
        return self._assigned is not None and partition in self._assigned & self._held

    @property
    def waits_for(self) -> str:
        """What must happen before mail is taken; empty if nothing."""
        if self._assigned is None:
            return "waiting for the consumer group"
        return "" if self._assignment == self._held_assignment else "taking partitions over"

    @property
    def settled(self) -> bool:
        """Whether the worker has partitions, and all that it was assigned are taken over."""
        return bool(self._assigned) and self._assignment == self._held_assignment

    def handover(self) -> Handover | None:
        """What has to be given up and taken over now; None if nothing, or if the assignment is not known yet."""
        if self._assigned is None or self._assignment == self._held_assignment:
            return None
        kept = self._held & self._assigned if self._membership.follows(self._held_membership) else frozenset()
        return Handover(self._held - kept, self._assigned - kept, self._assigned, self._assignment, self._membership)

    def given_up(self, partitions: frozenset[int]) -> None:
        """The worker no longer owns these partitions, whatever becomes of the rest of the handover."""
        self._held -= partitions

    def carried_out(self, handover: Handover) -> None:
        """The handover is complete."""
        self._held = handover.partitions
        self._held_assignment = handover.assignment
        self._held_membership = handover.membership
