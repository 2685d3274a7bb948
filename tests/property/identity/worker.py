"""A simulated worker: processes batches of a partition's mail, then sends, saves and commits, in this order."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from pipeline.identity.ahead import may_go_ahead
from pipeline.identity.mailbox import Mailbox, encode_state
from pipeline.identity.messages import Message
from pipeline.identity.step import resume, step
from pipeline.mail.partition import partition_of
from tests.property.identity.table import TouchRow, Version

if TYPE_CHECKING:
    from tests.property.identity.network import Network


Save = tuple[int, Callable[[], bool]]
"""The save of one row: the partition it needs, and what does it; that returns whether the store accepted the row."""


class Posted(NamedTuple):
    """A message in a partition's log."""

    message: Message
    tenure: int | None = None
    """Set if it was delivered ahead. The epoch in which its sender owned the partition: here, no epoch comes again."""


@dataclass
class InHand:
    """A batch between its processing and its commit."""

    partition: int
    end: int
    outbox: dict[int, deque[Posted]]
    """Messages still to be sent, by partition."""
    epochs: dict[int, int]
    """Epochs of the partitions whose mailboxes it changes."""
    saves: list[Save]
    """Saves of rows still to be done, the last one first."""
    saving: bool = False


class Worker:
    """One process with its memory. `assigned` is what it believes, which may be out of date after a handover."""

    def __init__(self, network: "Network", random: Random) -> None:
        self._network = network
        self._random = random
        self.assigned: dict[int, int] = {}
        """Epoch by partition."""
        self.positions: dict[int, int] = {}
        self.cache: dict[str, Mailbox] = {}
        self.in_hand: InHand | None = None
        self._sequence = 0

    def assign(self, partition: int, epoch: int) -> None:
        """Take a partition over at its committed offset."""
        self.assigned[partition] = epoch
        self.positions[partition] = self._network.committed[partition]
        self._forget(partition)

    def learn(self, partition: int) -> None:
        """Notice that a partition belongs to another worker. A batch in hand that needs it can never be saved."""
        if self.in_hand is not None and partition in self.in_hand.epochs:
            self.crash()  # mailboxes of other partitions are ahead of the store
            return
        del self.assigned[partition]
        self._forget(partition)

    def crash(self) -> None:
        """Lose everything that is not saved, and restart: claim the partitions that are still assigned anew."""
        self.in_hand = None
        self.cache.clear()
        for partition, epoch in list(self.assigned.items()):
            if self._network.is_latest(partition, epoch):
                self.assign(partition, self._network.claim(partition))
            else:
                del self.assigned[partition]

    def readable(self) -> list[int]:
        """Partitions with mail beyond this worker's position."""
        return [p for p in self.assigned if self.positions[p] < len(self._network.logs[p])]

    def take(self, partition: int) -> None:
        """Process a batch, with some of the mail that follows: it is delivered ahead, and sent all the same."""
        network, policy = self._network, self._network.policy
        log, start = network.logs[partition], self.positions[partition]
        end = min(len(log), start + self._random.choice((1, 1, 2, 5, 20)))
        outbox: dict[int, deque[Posted]] = defaultdict(deque)
        ahead: dict[int, list[Posted]] = defaultdict(list)
        touched: dict[str, None] = {}
        arrived = deque(one.message for one in log[start:end] if not self.had(partition, one))
        while arrived:
            message = arrived.popleft()
            outgoing: list[Message] = []
            if message.at not in self.cache:
                self.cache[message.at] = self._load(message.at)
                if network.resumes:
                    outgoing += resume(self.cache[message.at], policy)
            touched[message.at] = None
            outgoing += step(self.cache[message.at], message, policy)
            for sent in outgoing:
                target = self._partition(sent.at)
                if self._goes_ahead(sent, message.at):
                    arrived.append(sent)
                    ahead[target].append(Posted(sent, self.assigned[target]))
                else:
                    outbox[target].append(Posted(sent))
        for target, posted in ahead.items():
            outbox[target].extendleft(reversed(posted))
        self.positions[partition] = end
        epochs = {one: self.assigned[one] for one in {partition, *map(self._partition, touched)}}
        self.in_hand = InHand(partition, end, dict(outbox), epochs, self._saves(touched))

    def _goes_ahead(self, sent: Message, sender: str) -> bool:
        network = self._network
        here = sent.at in self.cache and self._partition(sent.at) in self.assigned
        return here and may_go_ahead(sent, sender, network.policy) and self._random.random() < network.ahead

    def had(self, partition: int, posted: Posted) -> bool:
        """Whether this worker has delivered a message ahead, in its present tenure of the partition."""
        return posted.tenure == self.assigned[partition]

    def advance(self) -> None:
        """Do the next thing for the batch in hand: send a message, save a row, commit.

        A worker that finds a partition claimed by another one stops there.
        """
        batch = self.in_hand
        assert batch is not None
        full = [partition for partition, messages in batch.outbox.items() if messages]
        if full:
            partition = self._random.choice(full)
            self._network.logs[partition].append(batch.outbox[partition].popleft())
        elif not batch.saving and (lost := [one for one in batch.epochs.items() if not self._network.may_save(*one)]):
            self.learn(lost[0][0])
        elif batch.saves:
            batch.saving = True
            partition, save = batch.saves.pop()
            if not save():
                self.learn(partition)
        elif self._network.commit(batch.partition, batch.end, self.assigned[batch.partition]):
            self.in_hand = None
        else:
            self.learn(batch.partition)

    def _load(self, identifier: str) -> Mailbox:
        state = self._network.mailboxes.get(identifier) or b""
        return Mailbox.restore(identifier, state, self._network.touches_of(identifier))

    def _saves(self, identifiers: Iterable[str]) -> list[Save]:
        network = self._network
        self._sequence += 1
        states: list[Save] = []
        touches: list[Save] = []

        def save_state(identifier: str, state: bytes) -> Save:
            partition, version = self._version(identifier)
            return partition, lambda: network.save(partition, network.mailboxes, identifier, state, version)

        def save_touch(identifier: str, key: bytes, row: TouchRow | None) -> Save:
            partition, version = self._version(identifier)
            return partition, lambda: network.save(partition, network.touches, (identifier, key), row, version)

        for identifier in identifiers:
            mailbox = self.cache[identifier]
            changes = mailbox.take_changes()
            if changes.state:
                states.append(save_state(identifier, encode_state(mailbox)))
            for key in sorted(changes.kept):
                touch = mailbox.kept[key]
                row = TouchRow(touch.event, touch.as_of, touch.route, mailbox.copies.get(key, ()))
                touches.append(save_touch(identifier, key, row))
            touches += [save_touch(identifier, key, None) for key in sorted(changes.gone)]
        self._random.shuffle(states)
        self._random.shuffle(touches)
        if network.touches_first or self._random.random() < 0.5:
            return states + touches  # taken from the end
        return touches + states

    def _version(self, identifier: str) -> tuple[int, Version]:
        partition = self._partition(identifier)
        return partition, (self.assigned[partition], self._sequence)

    def _partition(self, identifier: str) -> int:
        return partition_of(identifier, self._network.partitions)

    def _forget(self, partition: int) -> None:
        for identifier in [name for name in self.cache if self._partition(name) == partition]:
            del self.cache[identifier]
