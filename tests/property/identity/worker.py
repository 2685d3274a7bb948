"""A simulated worker: processes batches of a partition's mail, then sends, saves and commits, in this order."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from pipeline.identity.mailbox import Mailbox, encode_state
from pipeline.identity.messages import Message
from pipeline.identity.step import resume, step
from pipeline.mail.partition import partition_of
from tests.property.identity.table import TouchRow

if TYPE_CHECKING:
    from tests.property.identity.network import Network


@dataclass
class InHand:
    """A batch between its processing and its commit."""

    partition: int
    end: int
    outbox: dict[int, deque[Message]]
    """Messages still to be sent, by partition."""
    saves: list[Callable[[], bool]]
    """Saves of rows still to be done, the last one first; each returns whether the store accepted the row."""
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
        """Notice that a partition belongs to another worker."""
        if self.in_hand is not None and self.in_hand.partition == partition:
            self.in_hand = None
        del self.assigned[partition]
        self._forget(partition)

    def crash(self) -> None:
        """Lose everything that is not saved, and restart at the committed offsets of the partitions still assigned."""
        self.in_hand = None
        self.cache.clear()
        for partition, epoch in list(self.assigned.items()):
            if self._network.is_latest(partition, epoch):
                self.positions[partition] = self._network.committed[partition]
            else:
                del self.assigned[partition]

    def readable(self) -> list[int]:
        """Partitions with mail beyond this worker's position."""
        return [p for p in self.assigned if self.positions[p] < len(self._network.logs[p])]

    def take(self, partition: int) -> None:
        """Process a batch."""
        log = self._network.logs[partition]
        start = self.positions[partition]
        end = min(len(log), start + self._random.choice((1, 1, 2, 5, 20)))
        outbox: dict[int, deque[Message]] = defaultdict(deque)
        policy, partitions = self._network.policy, self._network.partitions
        touched: dict[str, None] = {}
        for message in log[start:end]:
            outgoing: list[Message] = []
            if message.at not in self.cache:
                self.cache[message.at] = self._load(message.at)
                if self._network.resumes:
                    outgoing += resume(self.cache[message.at], policy)
            touched[message.at] = None
            outgoing += step(self.cache[message.at], message, policy)
            for sent in outgoing:
                outbox[partition_of(sent.at, partitions)].append(sent)
        self.positions[partition] = end
        saves = self._saves(list(touched), partition)
        self.in_hand = InHand(partition, end, dict(outbox), saves)

    def advance(self) -> None:
        """Do the next thing for the batch in hand: send a message, save a row, commit.

        A worker that finds its partition claimed by another one stops there.
        """
        batch = self.in_hand
        assert batch is not None
        full = [partition for partition, messages in batch.outbox.items() if messages]
        if full:
            partition = self._random.choice(full)
            self._network.logs[partition].append(batch.outbox[partition].popleft())
        elif not batch.saving and not self._network.may_save(batch.partition, self.assigned[batch.partition]):
            self.learn(batch.partition)
        elif batch.saves:
            batch.saving = True
            if not batch.saves.pop()():
                self.learn(batch.partition)
        elif self._network.commit(batch.partition, batch.end, self.assigned[batch.partition]):
            self.in_hand = None
        else:
            self.learn(batch.partition)

    def _load(self, identifier: str) -> Mailbox:
        state = self._network.mailboxes.get(identifier) or b""
        return Mailbox.restore(identifier, state, self._network.touches_of(identifier))

    def _saves(self, identifiers: list[str], partition: int) -> list[Callable[[], bool]]:
        network = self._network
        self._sequence += 1
        version = self.assigned[partition], self._sequence
        states: list[Callable[[], bool]] = []
        touches: list[Callable[[], bool]] = []

        def save_state(identifier: str, state: bytes) -> Callable[[], bool]:
            return lambda: network.save(partition, network.mailboxes, identifier, state, version)

        def save_touch(identifier: str, key: bytes, row: TouchRow | None) -> Callable[[], bool]:
            return lambda: network.save(partition, network.touches, (identifier, key), row, version)

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

    def _forget(self, partition: int) -> None:
        partitions = self._network.partitions
        for identifier in [name for name in self.cache if partition_of(name, partitions) == partition]:
            del self.cache[identifier]
