"""Explain an identity: its links, its customer over time, and why two identifiers are or are not one customer."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from pipeline.identity.links import Via
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.owners import OwnerPeriod
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.timeline import bridges, is_shared, owner, timeline

Lookup = Callable[[str], Mailbox]
"""Finds the mailbox of an identifier; a pristine one if nothing is known of it."""


class SeenWith(msgspec.Struct, frozen=True):
    """All links to one target."""

    target: str
    first: int
    """Milliseconds since the epoch, like `last`."""
    last: int
    times: int
    """How many different times were observed."""
    direct: bool
    """Whether events carried both identifiers."""
    via: tuple[Via, ...]
    """Otherwise the sets of bridges over which it is known, smallest first."""


class CustomerPeriod(msgspec.Struct, frozen=True):
    """A period for which an identifier belongs to one customer."""

    since: int | None
    """First moment, milliseconds since the epoch; None: always."""
    until: int | None
    """First moment after it; None: from then on."""
    customer: str
    path: tuple[str, ...]
    """From the identifier through its owners to the customer, both included."""


class Identity(msgspec.Struct, frozen=True):
    """What is known of one identifier."""

    identifier: str
    shared: bool
    """Whether it was seen with too many others, so that it belongs to nobody."""
    bridges: bool
    """Whether it links other identifiers to each other."""
    links: tuple[SeenWith, ...]
    """By time of the first link."""
    owners: tuple[OwnerPeriod, ...]
    customers: tuple[CustomerPeriod, ...]
    """In order of time, without gaps."""


class Verdict(StrEnum):
    """Whether two identifiers are one customer."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


class Parting(StrEnum):
    """Where the paths of two identifiers end when they do not meet."""

    SHARED = "shared"
    """At a shared identifier, which belongs to nobody."""
    UNLINKED = "unlinked"
    """At an identifier that was never seen with a stronger one."""


class PathEnd(msgspec.Struct, frozen=True):
    """The last identifier of a path, and why the path ends there."""

    identifier: str
    reason: Parting


class Together(msgspec.Struct, frozen=True):
    """A period in which two identifiers are one customer."""

    since: int | None
    """Milliseconds since the epoch, like `until`; None: no limit on that side."""
    until: int | None
    customer: str


class Comparison(msgspec.Struct, frozen=True):
    """Why two identifiers are or are not one customer."""

    first: Identity
    second: Identity
    verdict: Verdict
    together: tuple[Together, ...]
    meets_at: str
    """The first identifier that both paths have in common, in the latest period together; empty if never."""
    ends: tuple[PathEnd, ...]
    """Where both paths end, if they never meet."""


def explain(identifier: str, lookup: Lookup, policy: IdentityPolicy) -> Identity:
    """Explain one identifier."""
    mailbox = lookup(identifier)
    return Identity(
        identifier=identifier,
        shared=is_shared(mailbox, policy),
        bridges=bridges(mailbox, policy),
        links=tuple(sorted(_seen_with(mailbox), key=lambda seen: (seen.first, seen.target))),
        owners=timeline(mailbox, policy),
        customers=customers(identifier, lookup, policy),
    )


def customers(identifier: str, lookup: Lookup, policy: IdentityPolicy) -> tuple[CustomerPeriod, ...]:
    """The customer over time, in order, without gaps; neighbours differ in their path."""
    return tuple(_customers(identifier, lookup, policy, None, None))


def compare(first: str, second: str, lookup: Lookup, policy: IdentityPolicy) -> Comparison:
    """Tell why two identifiers are or are not one customer."""
    one, other = explain(first, lookup, policy), explain(second, lookup, policy)
    overlaps = [
        (max(a.since, b.since, key=_start), min(a.until, b.until, key=_end), a, b)
        for a in one.customers
        for b in other.customers
        if _start(max(a.since, b.since, key=_start)) < _end(min(a.until, b.until, key=_end))
    ]
    meeting = [overlap for overlap in overlaps if overlap[2].customer == overlap[3].customer]
    latest = max(meeting, key=lambda overlap: _start(overlap[0]), default=None)
    return Comparison(
        first=one,
        second=other,
        verdict=_verdict(len(meeting), len(overlaps)),
        together=tuple(Together(since, until, a.customer) for since, until, a, _ in meeting),
        meets_at=next((step for step in latest[2].path if step in latest[3].path), "") if latest else "",
        ends=() if meeting else _ends(one, other, lookup, policy),
    )


def _customers(
    identifier: str, lookup: Lookup, policy: IdentityPolicy, since: int | None, until: int | None
) -> list[CustomerPeriod]:
    periods = timeline(lookup(identifier), policy)
    if not periods:
        return [CustomerPeriod(since, until, identifier, (identifier,))]
    found: list[CustomerPeriod] = []
    for index, period in enumerate(periods):
        following = periods[index + 1].since if index + 1 < len(periods) else None
        start, end = max(since, period.since, key=_start), min(until, following, key=_end)
        if _start(start) < _end(end):
            found += _through(identifier, period, lookup, policy, start, end)
    return found


def _through(
    identifier: str, period: OwnerPeriod, lookup: Lookup, policy: IdentityPolicy, since: int | None, until: int | None
) -> list[CustomerPeriod]:
    """The customers that an owner leads to."""
    if period.as_of is not None:
        path = _path_at(period.owner, period.as_of, lookup, policy)
        return [CustomerPeriod(since, until, path[-1], (identifier, *path))]
    return [
        CustomerPeriod(beyond.since, beyond.until, beyond.customer, (identifier, *beyond.path))
        for beyond in _customers(period.owner, lookup, policy, since, until)
    ]


def _path_at(identifier: str, time: int, lookup: Lookup, policy: IdentityPolicy) -> tuple[str, ...]:
    period = owner(lookup(identifier), time, policy)
    if period is None:
        return (identifier,)
    return identifier, *_path_at(period.owner, time if period.as_of is None else period.as_of, lookup, policy)


def _seen_with(mailbox: Mailbox) -> list[SeenWith]:
    links = mailbox.links
    found = []
    for target in links.targets():
        times = {observation.time for observation in links.observations(target)}
        ways = tuple(way for way in links.ways(target) if way)
        found.append(SeenWith(target, min(times), max(times), len(times), target in links.direct, ways))
    return found


def _verdict(meeting: int, overlaps: int) -> Verdict:
    if not meeting:
        return Verdict.NEVER
    return Verdict.ALWAYS if meeting == overlaps else Verdict.SOMETIMES


def _ends(one: Identity, other: Identity, lookup: Lookup, policy: IdentityPolicy) -> tuple[PathEnd, ...]:
    customers_of_both = dict.fromkeys(period.customer for period in (*one.customers, *other.customers))
    return tuple(
        PathEnd(name, Parting.SHARED if is_shared(lookup(name), policy) else Parting.UNLINKED)
        for name in customers_of_both
    )


def _start(moment: int | None) -> float:
    return float("-inf") if moment is None else moment


def _end(moment: int | None) -> float:
    return float("inf") if moment is None else moment
