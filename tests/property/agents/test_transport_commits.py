"""The commits of the batch transport against a log that remembers everything."""

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agents.transport.commits import Hole, PrefixCommits, Stale, Ticket

PARTITION = "p"


class OnePartition(RuleBasedStateMachine):
    """A consumer that drops, seeks, is reassigned and dies; agents that acknowledge in any order.

    Whatever happens, nothing is committed that was not worked on, and everything can be reached again.
    """

    @initialize(log=st.integers(1, 60))
    def start(self, log: int) -> None:
        self.commits: PrefixCommits[str] = PrefixCommits()
        self.log = log
        self.position = 0
        self.stored = 0
        self.assignment = 1
        self.worked_on: set[int] = set()
        self.in_hand: list[Ticket] = []
        self.revoked = False
        self.origin: int | None = None

    def _fetch(self, size: int) -> tuple[int, int]:
        start, end = self.position, min(self.log, self.position + size)
        self.position = end
        if self.origin is None:
            self.origin = start
        return start, end

    @precondition(lambda self: self.position < self.log)
    @rule(size=st.integers(1, 20))
    def fetch_and_deliver(self, size: int) -> None:
        start, end = self._fetch(size)
        delivery = self.commits.deliver(PARTITION, self.assignment, start, end, self.origin)
        if isinstance(delivery, Ticket):
            self.in_hand.append(delivery)
        elif isinstance(delivery, Hole):
            self.position = delivery.position
            self.commits.rewind(PARTITION, delivery.position)
        else:
            assert delivery == Stale()
            assert self.revoked

    @precondition(lambda self: self.position < self.log)
    @rule(size=st.integers(1, 20))
    def fetch_and_drop(self, size: int) -> None:
        self._fetch(size)

    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        if self.in_hand:
            ticket = self.in_hand.pop(data.draw(st.integers(0, len(self.in_hand) - 1)))
            self.worked_on.update(range(ticket.start, ticket.end))
            self.commits.acknowledge(PARTITION, ticket)

    @rule(taken=st.booleans())
    def commit(self, taken: bool) -> None:
        offset = self.commits.committable(PARTITION)
        if offset is not None and taken:
            self.stored = offset
            self.commits.committed(PARTITION, offset)

    @rule()
    def seek_to_committed(self) -> None:
        """aiokafka does not move the position where nothing, or zero, is committed."""
        if self.stored:
            self.position = self.stored
        self.commits.rewind(PARTITION, self.stored or None)

    @precondition(lambda self: not self.revoked)
    @rule()
    def revoke(self) -> None:
        self.commits.revoke([PARTITION], self.assignment)
        self.revoked = True

    @rule()
    def assign(self) -> None:
        self.commits.revoke([PARTITION], self.assignment)
        self.assignment += 1
        self.position = self.stored
        self.origin = None
        self.revoked = False

    @rule()
    def forget_what_is_in_hand(self) -> None:
        """A cleared buffer: these batches will never be acknowledged."""
        self.in_hand.clear()

    @invariant()
    def only_work_is_committed(self) -> None:
        if hasattr(self, "worked_on"):
            assert set(range(self.stored)) <= self.worked_on
            offset = self.commits.committable(PARTITION)
            assert offset is None or set(range(offset)) <= self.worked_on

    def teardown(self) -> None:
        """After a last assignment everything is read, worked on and committed."""
        if not hasattr(self, "worked_on"):
            return
        self.assign()
        while self.position < self.log:
            self.fetch_and_deliver(7)
        for ticket in self.in_hand:
            self.worked_on.update(range(ticket.start, ticket.end))
            self.commits.acknowledge(PARTITION, ticket)
        self.commit(taken=True)
        assert self.stored == self.log


TestOnePartition = OnePartition.TestCase
TestOnePartition.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
