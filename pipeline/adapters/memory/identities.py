"""The view `identities` in memory: who each identifier belonged to, and when."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from pipeline.identity.owners import OwnerPeriod
from pipeline.stitching.changes import MailboxRow


class Identity(NamedTuple):
    """A period for which an identifier belongs to a customer; None is open on that side."""

    identifier: str
    customer: str
    valid_from: int | None
    """Milliseconds since the epoch, inclusive."""
    valid_to: int | None
    """Milliseconds since the epoch, exclusive."""
    shared: bool


Owners = Mapping[str, tuple[OwnerPeriod, ...]]


def identities(mailboxes: Iterable[MailboxRow], customers: Iterable[str]) -> list[Identity]:
    """Follow the timelines of owners up to the customers, for every mailbox and every customer.

    A customer without links of its own has no mailbox row: `customers` names those that have touchpoints.
    """
    rows = {row.identifier: row for row in mailboxes}
    owners = {identifier: row.owners for identifier, row in rows.items()}
    return [
        Identity(identifier, customer, since, until, identifier in rows and rows[identifier].shared)
        for identifier in sorted(rows.keys() | set(customers))
        for since, until, customer in _merged(_periods(owners, identifier, None, None))
    ]


def customer_at(owners: Owners, identifier: str, moment: int) -> str:
    """The customer of an identifier at a moment: `customer(x, t)` of the semantics."""
    timeline = owners.get(identifier, ())
    if not timeline:
        return identifier
    chosen = timeline[0]
    for period in timeline:
        if period.since is not None and period.since <= moment:
            chosen = period
    return customer_at(owners, chosen.owner, moment if chosen.as_of is None else chosen.as_of)


def _periods(
    owners: Owners, identifier: str, since: int | None, until: int | None
) -> Iterator[tuple[int | None, int | None, str]]:
    """The customers of an identifier between two moments, in order of time."""
    timeline = owners.get(identifier, ())
    if not timeline:
        yield since, until, identifier
        return
    ends = [period.since for period in timeline[1:]] + [None]
    starts = [None] + [period.since for period in timeline[1:]]
    for period, start, end in zip(timeline, starts, ends, strict=True):
        first, last = _later(start, since), _earlier(end, until)
        if first is not None and last is not None and first >= last:
            continue
        if period.as_of is not None:
            yield first, last, customer_at(owners, period.owner, period.as_of)
        else:
            yield from _periods(owners, period.owner, first, last)


def _merged(
    periods: Iterable[tuple[int | None, int | None, str]],
) -> list[tuple[int | None, int | None, str]]:
    """Join neighbours with the same customer."""
    listed = list(periods)
    starts = listed[:1] + [after for before, after in pairwise(listed) if before[2] != after[2]]
    ends = [after[0] for after in starts[1:]] + [None]
    return [(since, end, customer) for (since, _, customer), end in zip(starts, ends, strict=True)]


def _later(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else max(left, right)


def _earlier(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else min(left, right)
