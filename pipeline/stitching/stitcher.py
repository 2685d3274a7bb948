"""Stitch batches of mail: load the mailboxes, step them, fold the customers that changed, save."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from secrets import randbits
from typing import Final

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.identity.ahead import may_go_ahead
from pipeline.identity.mailbox import Mailbox, encode_state
from pipeline.identity.messages import Message, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.step import resume, step
from pipeline.identity.timeline import is_shared, timeline
from pipeline.journeys.rules import Rules
from pipeline.mail.partition import partition_of
from pipeline.mail.portions import Mail, split
from pipeline.stitching.batch import Batch
from pipeline.stitching.cache import Cache
from pipeline.stitching.changes import MailboxRow, Wake
from pipeline.stitching.entry import Entry, remember
from pipeline.stitching.isolation import take_out
from pipeline.stitching.refold import refold
from pipeline.stitching.store import EPOCH_SHIFT, RowsRefusedError, Store, StoreUnavailableError

MESSAGES_AT_A_STRETCH: Final = 500
MAILBOXES_AT_A_STRETCH: Final = 100
"""After this many, which take a few milliseconds, the event loop gets a turn, so that a save under way goes on."""
AHEAD_BYTES: Final = 5 * 1024 * 1024
"""How much may be delivered within the batch that sends it, about as much as a batch is: a device with a long history
may hand over any number of touches, which would all be in memory, and in one save."""
_TOUCH_BYTES: Final = 200
"""What a touch counts beside its event's data."""
FEWEST_AT_ONCE: Final = 50
"""Mailboxes that may be loaded at once however large they are, and while their size is not known."""


class StitchPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How much a worker keeps in memory, and does at once."""

    cache_bytes: int = 256 * 1024 * 1024
    """Approximate memory for busy mailboxes."""
    portion: float = 0.25
    """What the mailboxes of one batch may take in addition, as a share of `cache_bytes`."""
    wake_limit: int = 500
    """Customers folded at once because their deadlines passed."""
    clock_tolerance_ms: int = 60_000
    """How far the clock may go back, and forth again, between two looks without a deadline being missed."""
    retry_first_ms: int = 100
    retry_longest_ms: int = 5_000
    """Pause before a save is retried while the store is unavailable: doubled from the first to the longest."""


class Stitcher:
    """One worker's stitching, over the store port.

    A batch may be made, by `process` or `wake`, while the one before it is saved. The caller saves batches in their
    order, makes a void one again instead of saving it, and makes other calls only when nothing is left to save. After
    any exception that `save` does not retry itself, the memory is ahead of the store, and the worker must be restarted.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Mapping[str, Touchpoint],
        identity: IdentityPolicy,
        rules: Rules,
        partitions: int,
        policy: StitchPolicy | None = None,
    ) -> None:
        """`partitions`: number of partitions of the mail topic, fixed for its life."""
        self.policy = policy or StitchPolicy()
        self._portion_bytes = self.policy.cache_bytes * self.policy.portion
        self.cache = Cache(self.policy.cache_bytes, giant=int(self._portion_bytes / FEWEST_AT_ONCE))
        self._store = store
        self._catalogue = catalogue
        self._identity = identity
        self._rules = rules
        self._partitions = partitions
        self._epochs: dict[int, int] = {}
        self._tenures: dict[int, int] = {}
        """For each partition a number of its own, drawn anew whenever it is taken over. Not its epoch, which may come
        again: after a database was restored or made anew, while the broker kept its mail."""
        self._sequence = 0
        self._unsaved: list[Batch] = []
        self._latest: dict[int, set[str]] = {}
        """For each partition, the customers whose rows may have arrived after another worker claimed it."""
        self._doubtful: set[str] = set()
        """Mailboxes to load again, as memory may differ from what the store has."""
        self._looked_at = 0
        self._woken_until = 0
        """All wakes of the assigned partitions up to here are done: milliseconds since the epoch."""

    async def assign(self, partitions: Iterable[int]) -> None:
        """Take partitions over: from now on rows saved here win over those of earlier owners."""
        taken = set(partitions)
        self._woken_until = 0
        self.cache.drop_partitions(taken)
        self._epochs.update(await self._store.claim(taken))
        self._tenures.update({partition: randbits(64) for partition in taken})

    async def hand_on(self, partitions: Iterable[int], now: int) -> None:
        """Ask the next owners of these partitions to fold the customers of the last save again; call before `revoke`.

        That save may have arrived after the successor loaded these customers: then the successor does not know some
        rows, and would never remove them. Earlier saves arrived while the partition was still ours, as the last one
        began by checking the claims.

        Args:
            partitions: Those that are lost, or will be given up.
            now: Milliseconds since the epoch.

        Raises:
            StoreUnavailableError: Try again.
        """
        lost = [partition for partition in partitions if self._latest.get(partition)]
        wakes = [
            Wake(name, partition, now, done=False) for partition in lost for name in sorted(self._latest[partition])
        ]
        if wakes:
            await self._store.ask(wakes, self._versions(lost))

    async def revoke(self, partitions: Iterable[int]) -> None:
        """Give partitions up and forget their mailboxes."""
        lost = set(partitions)
        self.cache.drop_partitions(lost)
        for partition in lost:
            self._epochs.pop(partition, None)
            self._tenures.pop(partition, None)
            self._latest.pop(partition, None)

    @property
    def most_at_once(self) -> int:
        """How many mailboxes a batch may load within its share of memory, estimated from those in the cache."""
        if not self.cache.ordinary_size:
            return FEWEST_AT_ONCE
        return max(FEWEST_AT_ONCE, int(self._portion_bytes * len(self.cache) / self.cache.ordinary_size))

    def portion(self, mail: Mail) -> tuple[Mail, Mail]:
        """Split mail into what may be processed at once, which is all unless it loads too much, and the rest."""
        self._trim()  # what is evicted now will have to be loaded
        return split(mail, self.most_at_once, self.cache)

    async def process(self, mail: Mail, now: int) -> Batch:
        """Process mail of assigned partitions.

        Args:
            mail: For each partition the messages that are addressed to it, in the order of the topic.
            now: Milliseconds since the epoch.

        Raises:
            StoreUnavailableError: Mailboxes could not be loaded; nothing happened, try again.
        """
        addressed = {message.at: partition for partition, messages in mail.items() for message in messages}
        self._trim()
        batch = self._begin(await self._load(addressed), addressed, now)  # `addressed` grows: the batch touches more
        mailboxes = {identifier: self.cache[identifier].mailbox for identifier in addressed}
        room = AHEAD_BYTES
        ahead = await self._deliver(batch, chain.from_iterable(mail.values()), mailboxes, room)
        while ahead:
            room -= sum(map(_size, ahead))
            for message in ahead:
                entry = self.cache[message.at]
                addressed[message.at], mailboxes[message.at] = entry.partition, entry.mailbox
            batch.ahead += ahead
            ahead = await self._deliver(batch, ahead, mailboxes, room)
        batch.tenures = dict(self._tenures) if batch.ahead else {}
        await self._collect(batch)
        if batch.void:  # it may have reached further mailboxes since it became void
            self._doubtful.update(batch.touched)
        return batch

    async def _deliver(
        self, batch: Batch, mail: Iterable[Message], mailboxes: Mapping[str, Mailbox], room: int
    ) -> Sequence[Touch]:
        """Deliver mail; returns what follows from it and is to be delivered within the batch, `room` bytes at most.

        That is for touches that a link hands over to a customer at work here. Delivered by the broker, they would come
        in a later batch, and the customer would be stored twice: in journeys that begin with the link, and then in
        journeys that begin earlier, and so have other ids.
        """
        ahead: list[Touch] = []
        cache, identity, outgoing = self.cache, self._identity, batch.outgoing
        for number, message in enumerate(mail, 1):
            for sent in step(mailboxes[message.at], message, identity):
                if room > 0 and sent.at in cache and may_go_ahead(sent, message.at, identity):
                    ahead.append(sent)
                    room -= _size(sent)
                else:
                    outgoing.append(sent)
            if number % MESSAGES_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return ahead

    def has_tenure(self, partition: int, tenure: int) -> bool:
        """Whether the partition has been assigned here ever since mail was sent with this tenure."""
        return self._tenures.get(partition) == tenure

    async def wake(self, now: int) -> Batch | None:
        """Fold the customers whose deadline has passed; None if there are none.

        The batch is empty if all of them have to wait for the save under way: call again after it.
        """
        if now < self._looked_at:  # the clock was set back, so new wakes may be due before `_woken_until`
            self._woken_until = 0
        self._looked_at = now
        self._trim()
        limit = min(self.policy.wake_limit, self.most_at_once)
        known = min([now, *(batch.now for batch in self._unsaved)])  # a later wake may be in a batch that is not saved
        due = await self._store.due(self._epochs, now, limit, self._woken_until)
        if not due:
            self._woken_until = max(0, known - self.policy.clock_tolerance_ms)
            return None
        due = [(customer, at) for customer, at in due if self._may_wake(customer, at)]
        partitions = {customer: partition_of(customer, self._partitions) for customer, _ in due}
        batch = self._begin(await self._load(partitions), partitions, now)
        for customer, at in due:
            entry = self.cache[customer]
            entry.stale = True
            if entry.wake_at is not None and entry.wake_at <= now:
                entry.wake_at = None
            batch.changes.wakes.append(Wake(customer, entry.partition, at, done=True))
        await self._collect(batch)
        return batch

    def _may_wake(self, customer: str, at: int) -> bool:
        """Make sure that a wake that is not this worker's own finds all rows; False if it must wait for a save."""
        if customer not in self.cache or self.cache[customer].wake_at == at:
            return True
        if any(customer in batch.touched for batch in self._unsaved):
            return False
        self.cache.drop(customer)  # a former worker's wake may be about rows that are not known here
        return True

    async def save(self, batch: Batch) -> None:
        """Save what a batch changed; waits and tries again for as long as the store is unavailable.

        Rows that the store refuses for their content are left out and added to `batch.refused`; batches that were
        processed meanwhile become void.

        Raises:
            ClaimLostError: Another worker has taken a partition over.
        """
        saved = {partition: set[str]() for partition in batch.versions}
        for changes in batch.changes.customers:
            saved[changes.partition].add(changes.customer)
        self._latest |= {partition: names | self._latest.get(partition, set()) for partition, names in saved.items()}
        delay = self.policy.retry_first_ms / 1000
        refused: set[str] = set()
        while batch.changes:
            try:
                await self._store.save(batch.changes, batch.versions)
                self._latest |= saved  # earlier rows arrived while the partitions were still ours
                break
            except RowsRefusedError as error:
                refused |= take_out(batch, error)
            except StoreUnavailableError:
                await asyncio.sleep(delay)
                delay = min(delay * 2, self.policy.retry_longest_ms / 1000)
        self._unsaved.remove(batch)
        if refused:
            self._doubtful |= refused  # only after the rest is saved: what is loaded again must include it
            self._void_others()

    def _void_others(self) -> None:
        """Mark all batches that wait to be saved: they may build on refused rows, so they must not be saved."""
        for batch in self._unsaved:
            batch.void = True
            self._doubtful.update(batch.touched)
        self._unsaved.clear()

    def _trim(self) -> None:
        self.cache.trim([batch.touched for batch in self._unsaved])

    async def _load(self, partitions: Mapping[str, int]) -> list[Message]:
        """Load mailboxes, given with their partitions, into the cache; returns the mail of those that were not there.

        All or nothing: a mailbox may be in the cache only if its touches were routed again, and that mail returned.
        """
        outgoing: list[Message] = []
        loaded: list[str] = []
        try:
            while missing := self._missing(partitions):
                stored = await self._store.load(missing)
                loaded += missing
                for name in missing:
                    entry = remember(name, partitions[name], stored.get(name), self._identity)
                    outgoing += resume(entry.mailbox, self._identity)
                    self.cache.put(entry)
        except BaseException:  # their mail is lost, so they must be loaded and routed again
            for name in loaded:
                self.cache.drop(name)
            raise
        return outgoing

    def _missing(self, identifiers: Iterable[str]) -> list[str]:
        """The identifiers to load; a save that ends during a load may add some."""
        for doubtful in self._doubtful:
            self.cache.drop(doubtful)
        self._doubtful.clear()
        return sorted(identifier for identifier in identifiers if identifier not in self.cache)

    def _begin(self, outgoing: list[Message], touched: Collection[str], now: int) -> Batch:
        batch = Batch(outgoing=outgoing, touched=touched, now=now)
        self._unsaved.append(batch)
        return batch

    async def _collect(self, batch: Batch) -> None:
        """Gather what changed at the mailboxes of a batch."""
        self._sequence += 1
        partitions = set()
        for number, identifier in enumerate(sorted(batch.touched), 1):
            entry = self.cache[identifier]
            partitions.add(entry.partition)
            state, kept, gone = entry.mailbox.take_changes()
            if state:
                batch.changes.mailboxes.append(self._row(entry, batch))
            if kept or gone or entry.stale:
                self._refold(batch, entry, kept, gone)
            self.cache.used(entry)
            if number % MAILBOXES_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        batch.versions = self._versions(partitions)

    def _versions(self, partitions: Iterable[int]) -> dict[int, int]:
        return {partition: self._epochs[partition] << EPOCH_SHIFT | self._sequence for partition in partitions}

    def _row(self, entry: Entry, batch: Batch) -> MailboxRow:
        mailbox = entry.mailbox
        shared = is_shared(mailbox, self._identity)
        if shared and not entry.shared:
            batch.shared.append(mailbox.identifier)
        entry.shared = shared
        owners = timeline(mailbox, self._identity)
        return MailboxRow(mailbox.identifier, entry.partition, encode_state(mailbox), owners, shared)

    def _refold(self, batch: Batch, entry: Entry, kept: Collection[bytes], gone: Collection[bytes]) -> None:
        outcome = refold(entry, kept, gone, batch.now, self._catalogue, self._rules)
        entry.stale = False
        if outcome.changes:
            batch.changes.customers.append(outcome.changes)
        batch.raised += outcome.raised
        batch.withdrawn += outcome.withdrawn
        batch.closed += outcome.closed
        batch.settled += outcome.settled
        batch.measures += outcome.measures
        wake_at = outcome.wake_at
        # A wake that comes too early costs only another fold, so an earlier one is left as it is: a busy
        # customer, whose deadlines move with every event, costs one row instead of one per batch.
        if wake_at is not None and (entry.wake_at is None or wake_at < entry.wake_at):
            entry.wake_at = wake_at
            batch.changes.wakes.append(Wake(entry.mailbox.identifier, entry.partition, wake_at, done=False))


def _size(touch: Touch) -> int:
    return _TOUCH_BYTES + len(touch.event.data)
