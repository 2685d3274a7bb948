"""The whole pipeline over a simulated broker: several workers, rebalances, and crashes at every point of a batch."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random

from pipeline.adapters.memory.register import MemoryRegister
from pipeline.adapters.memory.store import MemoryStore, Part
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.identity.messages import Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.journeys.rules import Rules
from pipeline.mail.codec import pack, unpack
from pipeline.mail.partition import partition_of
from pipeline.stitching.batch import Batch
from pipeline.stitching.stitcher import Stitcher, StitchPolicy
from pipeline.stitching.tally import Outcomes
from tests.property.pipeline.counts import Counts


class Trouble:
    """Probabilities of failures per batch, and the size of the cache."""

    def __init__(self, crash: float = 0.0, rebalance: float = 0.0, cache_bytes: int = 1 << 30) -> None:
        self.crash = crash
        self.rebalance = rebalance
        self.cache_bytes = cache_bytes


class World:
    """Partitions of mail, workers that process them, and a store that outlives the workers."""

    def __init__(
        self,
        random: Random,
        catalogue: Mapping[str, Touchpoint],
        identity: IdentityPolicy,
        rules: Rules,
        trouble: Trouble,
        *,
        partitions: int = 3,
        workers: int = 2,
        now: int,
    ) -> None:
        self.store = MemoryStore()
        self.now = now
        self.crashes = 0
        self._random = random
        self._identity = identity
        self._trouble = trouble
        self._topic: list[list[tuple[bytes, int | None]]] = [[] for _ in range(partitions)]
        """Packed mail, with the tenure if it was delivered ahead."""
        self._committed = [0] * partitions
        self._owner: list[int] = []
        policy = StitchPolicy(cache_bytes=trouble.cache_bytes)

        def make() -> Stitcher:
            return Stitcher(self.store, catalogue, identity, rules, partitions, policy)

        self._make = make
        self._workers = [self._make() for _ in range(workers)]
        self.counts = Counts(MemoryRegister(self.store), workers)

    def run(self, events: Sequence[Event]) -> None:
        """Take events in, in batches and in this order; returns when no mail is left."""
        asyncio.run(self._run(events))

    async def _run(self, events: Sequence[Event]) -> None:
        await self._assign()
        waiting = list(events)
        while waiting or (behind := self._behind()):
            if waiting and (self._random.random() < 0.4 or not self._behind()):
                size = self._random.randint(1, 25)
                self._ingest(waiting[:size])
                del waiting[:size]
            elif behind := self._behind():
                await self._stitch(self._random.choice(behind))
            if self._random.random() < self._trouble.rebalance:
                await self._assign()
        await self._wake()
        await self.counts.finish(self.now)

    async def _wake(self) -> None:
        for number, worker in enumerate(self._workers):
            while batch := await worker.wake(self.now):
                outcomes = _to_count(batch)
                await worker.save(batch)
                self.counts.saved(number, outcomes, self.now)

    def _behind(self) -> list[int]:
        return [index for index, topic in enumerate(self._topic) if self._committed[index] < len(topic)]

    async def _assign(self) -> None:
        """Assign every partition to a random worker; all workers give up those they had."""
        self._owner = [self._random.randrange(len(self._workers)) for _ in self._topic]
        for number, worker in enumerate(self._workers):
            await worker.revoke(range(len(self._topic)))
            await worker.assign([p for p, owner in enumerate(self._owner) if owner == number])

    def _ingest(self, events: Sequence[Event]) -> None:
        """Send the first mail of events; after a crash before the commit, send it again."""
        messages = [message for event in events for message in post(event, self._identity)]
        for _ in range(2 if self._random.random() < self._trouble.crash else 1):
            self._send(messages)

    def _send(self, messages: Sequence[Message], tenures: Mapping[int, int] | None = None) -> None:
        by_partition: dict[int, list[Message]] = {}
        for message in messages:
            by_partition.setdefault(partition_of(message.at, len(self._topic)), []).append(message)
        for partition, mail in by_partition.items():
            self._topic[partition].append((pack(mail), tenures[partition] if tenures else None))

    def _send_all(self, batch: Batch) -> None:
        self._send(batch.ahead, batch.tenures)
        self._send(batch.outgoing)

    async def _stitch(self, partition: int) -> None:
        """Process one or two groups of mail, then send, save and commit each; now and then, crash in between.

        The second group is processed before the first is sent, as workers do.
        """
        owner = self._owner[partition]
        taken = list(self._committed)
        groups = [await self._work_out(owner, taken) for _ in range(self._random.choice([1, 2]))]
        for batch, ends in groups:
            if self._random.random() < self._trouble.crash:
                await self._crash(owner, batch)
                return
            self._send_all(batch)
            outcomes = _to_count(batch)
            await self._workers[owner].save(batch)
            self.counts.saved(owner, outcomes, self.now)
            if self._random.random() < 0.7:
                await self.counts.count(owner, self.now)
            self._committed = ends

    async def _work_out(self, owner: int, taken: list[int]) -> tuple[Batch, list[int]]:
        """Process some of a worker's mail from `taken` on, and advance `taken`; returns the batch and the new ends."""
        mail: dict[int, list[Message]] = {}
        for partition, start in enumerate(taken):
            waiting = len(self._topic[partition]) - start
            if waiting and self._owner[partition] == owner and self._random.random() < 0.7:
                taken[partition] += self._random.randint(1, min(waiting, 4))
                mail[partition] = self._unpacked(self._workers[owner], partition, start, taken[partition])
        return await self._workers[owner].process(mail, self.now), list(taken)

    def _unpacked(self, worker: Stitcher, partition: int, start: int, end: int) -> list[Message]:
        return [
            message
            for record, tenure in self._topic[partition][start:end]
            if tenure is None or not worker.has_tenure(partition, tenure)
            for message in unpack(record)
        ]

    async def _crash(self, owner: int, batch: Batch) -> None:
        """Let a worker crash before its commit: before sending, after sending a part, or after saving some tables."""
        self.crashes += 1
        point = self._random.randrange(3)
        if point == 1:
            self._send(batch.ahead[: self._random.randint(0, len(batch.ahead))], batch.tenures)
            self._send(batch.outgoing[: self._random.randint(0, len(batch.outgoing))])
        if point == 2:
            self._send_all(batch)
            parts = [part for part in Part if self._random.random() < 0.5]
            outcomes = _to_count(batch)
            self.store.apply(batch.changes, batch.versions, parts)
            if Part.CLAIMS in parts:
                self.counts.claimed(owner, outcomes)
            if Part.FRICTIONS in parts:
                self.counts.saved(owner, outcomes, self.now)
        self.counts.crashed(owner)
        self._workers[owner] = self._make()
        await self._assign()


def _to_count(batch: Batch) -> Outcomes:
    outcomes = Outcomes.of(batch)
    batch.changes.to_count = outcomes.claims
    return outcomes
