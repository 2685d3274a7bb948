"""Random timelines of owners, and the customer of each identifier over time, computed moment by moment."""

from itertools import pairwise
from random import Random

from pipeline.identity.owners import OwnerPeriod
from pipeline.journeys.journey import Journey
from pipeline.stitching.changes import MailboxRow
from tests.contract.samples import make_journey

TRANSACTIONS = ("parcel_id", "receipt_id", "ticket_id", "order_id")
OTHERS = ("anonymous_id", "device_id", "phone", "email", "loyalty_id", "customer_id")
NAMESPACES = TRANSACTIONS + OTHERS
"""Weakest first: an identifier is owned by one of a later namespace."""

Expected = tuple[str, str, int | None, int | None, bool]
"""Identifier, customer, valid from, valid to, shared."""


class World:
    """Mailboxes and the journeys of customers, some of which have no mailbox row."""

    def __init__(self, random: Random, per_namespace: int, last: int = 40) -> None:
        self.names = [[f"{namespace}:{number}" for number in range(per_namespace)] for namespace in NAMESPACES]
        self.mailboxes = [
            self._mailbox(random, level, name, last)
            for level, names in enumerate(self.names)
            for name in names
            if random.random() < 0.8
        ]
        everyone = [name for names in self.names for name in names]
        self.journeys: list[Journey] = [
            make_journey(number, customer=name) for number, name in enumerate(everyone) if random.random() < 0.3
        ]

    def _mailbox(self, random: Random, level: int, name: str, last: int) -> MailboxRow:
        above = [name for names in self.names[level + 1 :] for name in names]
        if not above or random.random() < 0.15:
            return MailboxRow(name, 3, b"", (), shared=random.random() < 0.5)
        if level < len(TRANSACTIONS):
            return MailboxRow(name, 3, b"", (OwnerPeriod(None, random.choice(above), random.randrange(last)),), False)
        starts = sorted(random.sample(range(last), random.randrange(4)))
        periods = [OwnerPeriod(since, random.choice(above), None) for since in (None, *starts)]
        return MailboxRow(name, 3, b"", tuple(periods), False)

    def expected(self) -> list[Expected]:
        """Every period of every identifier, by asking for the customer at every moment at which anything changes."""
        shared = {row.identifier: row.shared for row in self.mailboxes}
        known = sorted(shared.keys() | {journey.customer for journey in self.journeys})
        return [row for name in known for row in self._periods(name, shared.get(name, False))]

    def _periods(self, name: str, shared: bool) -> list[Expected]:
        moments = sorted({period.since for row in self.mailboxes for period in row.owners if period.since is not None})
        customers = [
            (None, self.customer(name, -(10**9))),
            *((moment, self.customer(name, moment)) for moment in moments),
        ]
        changes = customers[:1] + [after for before, after in pairwise(customers) if before[1] != after[1]]
        ends = [moment for moment, _ in changes[1:]] + [None]
        return [(name, customer, since, end, shared) for (since, customer), end in zip(changes, ends, strict=True)]

    def customer(self, name: str, moment: int) -> str:
        """`customer(x, t)` by its definition."""
        owners = next((row.owners for row in self.mailboxes if row.identifier == name), ())
        if not owners:
            return name
        current = [period for period in owners if period.since is None or period.since <= moment][-1]
        return self.customer(current.owner, current.as_of if current.as_of is not None else moment)
