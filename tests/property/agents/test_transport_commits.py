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
        self.origin: int | None = None

    def _fetch(self, size: int) -> tuple[int, int]:
        start, end = self.position, min(self.log, self.position + size)
        self.position = end
        if self.origin is None:
            self.origin = start
        return start, end

    @rule(
        sizes=st.lists(st.integers(1, 5), max_size=8),
        most=st.integers(0, 10),
        latest=st.booleans(),
        taken=st.booleans(),
    )
    def go_on(self, sizes: list[int], most: int, latest: bool, taken: bool) -> None:
        """Records are written, fetched and delivered, agents do their earliest or latest batches, a commit is tried."""
        self.log += sum(sizes)
        for size in sizes:
            self.fetch_and_deliver(size)
        for _ in range(min(most, len(self.in_hand))):
            self._work_on(self.in_hand.pop(-1 if latest else 0))
        self.commit(taken)

    def fetch_and_deliver(self, size: int) -> None:
        start, end = self._fetch(size)
        delivery = self.commits.deliver(PARTITION, self.assignment, start, end, self.origin)
        if isinstance(delivery, Ticket):
            self.in_hand.append(delivery)
        elif isinstance(delivery, Hole):
            self.position = delivery.position
            self.commits.rewind(PARTITION, delivery.position)
        else:
            raise AssertionError(delivery)

    @precondition(lambda self: self.position < self.log)
    @rule(size=st.integers(1, 5))
    def fetch_and_drop(self, size: int) -> None:
        self._fetch(size)

    def _work_on(self, ticket: Ticket) -> None:
        self.worked_on.update(range(ticket.start, ticket.end))
        self.commits.acknowledge(PARTITION, ticket)

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

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        """The client resets its position by itself, as when the broker's log was cut; nobody is told."""
        self.position = data.draw(st.integers(0, self.position))

    @rule(forgotten=st.booleans(), late=st.booleans())
    def reassign(self, forgotten: bool, late: bool) -> None:
        """A cleared buffer's batches are never acknowledged; a fetch under way comes after the revocation."""
        if forgotten:
            self.in_hand.clear()
        self.commits.revoke([PARTITION], self.assignment)
        if late:
            start, end = self._fetch(3)
            assert self.commits.deliver(PARTITION, self.assignment, start, end, self.origin) == Stale()
        self.assignment += 1
        self.position = self.stored
        self.origin = None

    @invariant()
    def only_work_is_committed(self) -> None:
        if hasattr(self, "worked_on"):
            assert set(range(self.stored)) <= self.worked_on
            offset = self.commits.committable(PARTITION)
            assert offset is None or set(range(offset)) <= self.worked_on

    def teardown(self) -> None:
        """In the end everything is read, worked on and committed: under this assignment, and under another one."""
        if not hasattr(self, "worked_on"):
            return
        self._finish()
        self.reassign(forgotten=False, late=False)
        self._finish()
        assert self.stored == self.log

    def _finish(self) -> None:
        while self.position < self.log:
            self.fetch_and_deliver(7)
        self.go_on([], len(self.in_hand), latest=False, taken=True)
        assert self.commits.in_flight(PARTITION) == 0


TestOnePartition = OnePartition.TestCase
TestOnePartition.settings = settings(max_examples=200, stateful_step_count=30)
