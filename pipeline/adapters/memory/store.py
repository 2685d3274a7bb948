"""The stitching store in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Generic, TypeVar

from pipeline.adapters.memory.identities import Identity, identities
from pipeline.adapters.memory.table import Table
from pipeline.journeys.journey import Journey
from pipeline.stitching.changes import (
    Changes,
    CustomerChanges,
    DetectedFriction,
    MailboxRow,
    StoredTouch,
    Wake,
)
from pipeline.stitching.content import content_hash
from pipeline.stitching.store import EPOCH_SHIFT, ClaimLostError, StoredFriction, StoredMailbox

K = TypeVar("K", bytes, str)
R = TypeVar("R")


class Part(Enum):
    """The tables of a save; a crash may leave any of them unwritten."""

    MAILBOXES = "mailboxes"
    TOUCHPOINTS = "touchpoints"
    JOURNEYS = "journeys"
    FRICTIONS = "frictions"
    WAKES = "wakes"
    CLAIMS = "claims"


ALL_PARTS = frozenset(Part)


class _ByCustomer(Generic[K, R]):
    """A versioned table per customer."""

    def __init__(self) -> None:
        self._tables: dict[str, Table[K, R]] = {}

    def put(self, customer: str, key: K, row: R | None, version: int) -> None:
        self._tables.setdefault(customer, Table()).put(key, row, version)

    def of(self, customer: str) -> list[tuple[K, R]]:
        table = self._tables.get(customer)
        return list(table.items()) if table else []

    def all(self) -> list[tuple[str, K, R]]:
        return [
            (customer, key, row) for customer in sorted(self._tables) for key, row in sorted_items(self.of(customer))
        ]


def sorted_items(rows: list[tuple[K, R]]) -> list[tuple[K, R]]:
    """Rows in the order of their keys."""
    return sorted(rows, key=lambda item: item[0])


class MemoryStore:
    """Implements `pipeline.stitching.store.Store`; everything is lost with the process."""

    def __init__(self) -> None:
        self._epochs: dict[int, int] = {}
        self._mailboxes: Table[str, MailboxRow] = Table()
        self._touches: _ByCustomer[bytes, StoredTouch] = _ByCustomer()
        self._journeys: _ByCustomer[str, Journey] = _ByCustomer()
        self._frictions: _ByCustomer[str, DetectedFriction] = _ByCustomer()
        self._wakes: Table[tuple[int, int, str], Wake] = Table()
        self.claims: dict[str, int] = {}
        """The first claim on each name in the register."""

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """See `Store.claim`."""
        claimed = {partition: self._epochs.get(partition, 0) + 1 for partition in partitions}
        self._epochs.update(claimed)
        return claimed

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        """See `Store.load`."""
        found = {identifier: self._load(identifier) for identifier in identifiers}
        return {identifier: mailbox for identifier, mailbox in found.items() if mailbox is not None}

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        """See `Store.save`."""
        lost = [partition for partition, row in versions.items() if self._epochs.get(partition, 0) > row >> EPOCH_SHIFT]
        if lost:
            raise ClaimLostError(f"partitions {lost} belong to another worker now")
        self.apply(changes, versions)

    async def ask(self, wakes: Sequence[Wake], versions: Mapping[int, int]) -> None:
        """See `Store.ask`."""
        self.apply(Changes(wakes=list(wakes)), versions)

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        """See `Store.due`."""
        wanted = set(partitions)
        found = [(at, customer) for (partition, at, customer), _ in self._wakes.items() if partition in wanted]
        return [(customer, at) for at, customer in sorted(found) if since <= at <= until][:limit]

    def apply(self, changes: Changes, versions: Mapping[int, int], parts: Collection[Part] = ALL_PARTS) -> None:
        """Save only these tables of the changes, as a crash in the middle of a save would leave them. Synchronous."""
        if Part.MAILBOXES in parts:
            for row in changes.mailboxes:
                self._mailboxes.put(row.identifier, row, versions[row.partition])
        for customer in changes.customers:
            self._apply_customer(customer, versions[customer.partition], parts)
        if Part.WAKES in parts:
            for wake in changes.wakes:
                key = (wake.partition, wake.at, wake.customer)
                self._wakes.put(key, None if wake.done else wake, versions[wake.partition])
        if Part.CLAIMS in parts:
            self.claims = changes.to_count | self.claims

    def touchpoints(self) -> list[tuple[str, StoredTouch]]:
        """The view `touchpoints`: every touchpoint with its customer, ordered by customer and event key."""
        return [(customer, touch) for customer, _, touch in self._touches.all()]

    def journeys(self) -> list[Journey]:
        """The view `journeys`, ordered by customer and journey id."""
        return [journey for _, _, journey in self._journeys.all()]

    def frictions(self) -> list[DetectedFriction]:
        """The view `frictions`, ordered by customer and friction id."""
        return [friction for _, _, friction in self._frictions.all()]

    def identities(self) -> list[Identity]:
        """The view `identities`, ordered by identifier and time."""
        return identities((row for _, row in self._mailboxes.items()), {row.customer for row in self.journeys()})

    def _apply_customer(self, changes: CustomerChanges, version: int, parts: Collection[Part]) -> None:
        customer = changes.customer
        if Part.TOUCHPOINTS in parts:
            for key in changes.touches_gone:
                self._touches.put(customer, key, None, version)
            for key, touch in changes.touches.items():
                self._touches.put(customer, key, touch, version)
        if Part.JOURNEYS in parts:
            for journey_id in changes.journeys_gone:
                self._journeys.put(customer, journey_id, None, version)
            for journey in changes.journeys:
                self._journeys.put(customer, journey.journey_id, journey, version)
        if Part.FRICTIONS in parts:
            for friction_id in changes.frictions_gone:
                self._frictions.put(customer, friction_id, None, version)
            for detected in changes.frictions:
                self._frictions.put(customer, detected.friction.friction_id, detected, version)

    def _load(self, identifier: str) -> StoredMailbox | None:
        row = self._mailboxes.get(identifier)
        mailbox = StoredMailbox(
            state=row.state if row else b"",
            touches=[touch for _, touch in self._touches.of(identifier)],
            journeys={key: content_hash(journey) for key, journey in self._journeys.of(identifier)},
            closed={key for key, journey in self._journeys.of(identifier) if journey.status == "closed"},
            frictions={key: _known(detected) for key, detected in self._frictions.of(identifier)},
        )
        return mailbox if row or mailbox != StoredMailbox() else None


def _known(detected: DetectedFriction) -> StoredFriction:
    return StoredFriction(content_hash(detected.friction), detected.detected_at, detected.friction.kind)
