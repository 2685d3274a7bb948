"""A simulated network of partitions, workers and a store, with every failure that may happen."""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Final

from pipeline.events.event import Event
from pipeline.identity.messages import Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.mail.partition import partition_of
from tests.property.identity.oracle import Placed
from tests.property.identity.table import Key, Row, Table, TouchRow, Version
from tests.property.identity.worker import Posted, Worker

LONGEST: Final = 200_000
"""Steps within which all mail arrives."""


class CirclingError(AssertionError):
    """Mail never arrives."""


class Network:
    """Partitions are logs; between any two of them mail stays in order, everything else happens in any order.

    Workers crash (losing what they had not sent, saved or committed), their saves tear between rows and tables, and
    partitions change hands while the former owner continues for a while, unaware. The store fences former owners:

    * `fenced`: it refuses rows of a partition that another worker has claimed. Rows may be saved in any order.
    * otherwise it is asked once, before a batch is saved, so rows may arrive after a claim. Then touches must be saved
      before the state of mailboxes, and no partition may have more than one former owner to whom that happens.
    """

    def __init__(self, random: Random, policy: IdentityPolicy, *, calm: bool = False, resumes: bool = True) -> None:
        """`calm`: nothing fails. `resumes`: whether workers route again what they load."""
        self.policy = policy
        self.resumes = resumes
        self.fenced = random.random() < 0.6
        self.touches_first = not self.fenced
        self._lingered: set[int] = set()
        self._random = random
        self.partitions = random.randint(1, 6)
        self.ahead = random.choice((0.0, 0.5, 1.0))
        """Share of the mail that workers deliver ahead where they can."""
        self.logs: list[list[Posted]] = [[] for _ in range(self.partitions)]
        self.committed = [0] * self.partitions
        self.mailboxes: Table[str, bytes] = Table()
        self.touches: Table[tuple[str, bytes], TouchRow] = Table()
        self.workers = [Worker(self, random) for _ in range(random.randint(1, 3))]
        self._epochs = [0] * self.partitions
        self._trouble = random.choice((0.0, 0.02, 0.05)) if not calm else 0.0
        for partition in range(self.partitions):
            random.choice(self.workers).assign(partition, 0)

    def run(self, events: Sequence[Event]) -> None:
        """Post the events, some of them more than once, and deliver until nothing moves."""
        posts = [deque(post(event, self.policy)) for event in self._with_repeats(events)]
        steps = 0
        while self._step(posts):
            steps += 1
            if steps == LONGEST:
                raise CirclingError("mail goes round in circles")
            if steps > 20_000:
                self._trouble = 0.0

    def placed(self) -> set[Placed]:
        """Every stored touchpoint with its customer."""
        return {(customer, key, row.event.precedence) for (customer, key), row in self.touches.rows().items()}

    def touches_of(self, identifier: str) -> dict[bytes, TouchRow]:
        """The stored touchpoints of one customer by event key."""
        return {key: row for (customer, key), row in self.touches.rows().items() if customer == identifier}

    def is_latest(self, partition: int, epoch: int) -> bool:
        """Whether the partition has not been claimed since."""
        return epoch == self._epochs[partition]

    def claim(self, partition: int) -> int:
        """Begin another epoch of a partition."""
        self._epochs[partition] += 1
        return self._epochs[partition]

    def may_save(self, partition: int, epoch: int) -> bool:
        """Whether a batch may be saved; asked before it is."""
        return self.is_latest(partition, epoch)

    def save(self, partition: int, table: Table[Key, Row], key: Key, row: Row | None, version: Version) -> bool:
        """Save a row of a mailbox in `partition`, or a tombstone; False if it was refused."""
        if self.fenced and not self.is_latest(partition, version[0]):
            return False
        table.save(key, row, version)
        return True

    def commit(self, partition: int, end: int, epoch: int) -> bool:
        """Commit an offset; False if the partition belongs to another worker by now."""
        if self.is_latest(partition, epoch):
            self.committed[partition] = end
            return True
        return False

    def _with_repeats(self, events: Sequence[Event]) -> list[Event]:
        repeated = [event for event in events if self._random.random() < 0.2]
        mixed = [*events, *repeated]
        if self._random.random() < 0.8:
            self._random.shuffle(mixed)
        return mixed

    def _step(self, posts: list[deque[Message]]) -> bool:
        """Let one thing happen somewhere; False if there is nothing left to do."""
        if self._trouble and self._random.random() < self._trouble:
            self._fail()
        busy = [worker for worker in self.workers if worker.in_hand or worker.readable()]
        if posts and (not busy or self._random.random() < 0.2):
            self._deliver_post(posts)
        elif busy:
            worker = self._random.choice(busy)
            if worker.in_hand:
                worker.advance()
            else:
                worker.take(self._random.choice(worker.readable()))
        else:
            return self._settle_zombies()
        return True

    def _deliver_post(self, posts: list[deque[Message]]) -> None:
        index = self._random.randrange(min(len(posts), 3))
        message = posts[index].popleft()
        self.logs[partition_of(message.at, self.partitions)].append(Posted(message))
        if not posts[index]:
            del posts[index]

    def _fail(self) -> None:
        worker = self._random.choice(self.workers)
        what = self._random.random()
        if what < 0.4:
            worker.crash()
        elif what < 0.7:
            self._hand_over(self._random.randrange(self.partitions))
        elif what < 0.8:
            self._settle_zombies()
        elif worker.in_hand is None and worker.cache:
            del worker.cache[self._random.choice(sorted(worker.cache))]

    def _hand_over(self, partition: int) -> None:
        """Give a partition to another worker."""
        others = [worker for worker in self.workers if partition not in worker.assigned]
        if not others:
            return
        self._random.choice(others).assign(partition, self.claim(partition))
        if not self.fenced and partition in self._lingered:
            self._settle_zombies()
        self._lingered.add(partition)

    def _settle_zombies(self) -> bool:
        """Let workers notice which partitions they have lost; returns whether there were any."""
        noticed = False
        for worker in self.workers:
            while lost := [each for each, epoch in worker.assigned.items() if epoch != self._epochs[each]]:
                worker.learn(lost[0])
                noticed = True
        return noticed
