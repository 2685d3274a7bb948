"""The timeline of owners as a function of a mailbox's links (semantics of `owner` and of `shared`).

Among targets of the same time the one of highest rank counts, then the one of smallest value.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Final

import msgspec

from pipeline.identity.links import Links
from pipeline.identity.policy import IdentityPolicy, NamespaceClass


class OwnerPeriod(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A period for which a mailbox had one owner."""

    since: int | None
    """First moment, milliseconds since the epoch; None: always."""
    owner: str
    as_of: int | None
    """The moment to ask the owner about (transactions: the time of the chosen link); None: the same moment."""


class Owners:
    """A timeline of owners, ready to be asked about a moment."""

    __slots__ = ("_starts", "periods")

    def __init__(self, periods: tuple[OwnerPeriod, ...]) -> None:
        """`periods`: in order of `since`, the first since always; empty if there is no owner."""
        self.periods = periods
        self._starts = tuple([period.since or 0 for period in periods[1:]])

    def at(self, time: int) -> OwnerPeriod | None:
        """The period that `time` (milliseconds since the epoch) lies in; None without an owner."""
        if not self.periods:
            return None
        return self.periods[bisect_right(self._starts, time) if self._starts else 0]


NOBODY: Final = Owners(())
"""The timeline of a customer: it belongs to nobody."""


def owners_of(identifier: str, links: Links, policy: IdentityPolicy) -> Owners:
    """Compute the timeline of owners of `identifier` from its links."""
    if not (links.direct or links.bridged) or shared_by(identifier, links, policy):
        return NOBODY
    if policy.namespace(identifier).kind is NamespaceClass.TRANSACTION:
        return Owners(_first_owner(links, policy))
    return Owners(_owners_over_time(links.direct or links.bridged, policy))


def shared_by(identifier: str, links: Links, policy: IdentityPolicy) -> bool:
    """Whether the links that count have more distinct targets than the policy's limit, which makes it shared."""
    if policy.namespace(identifier).kind is NamespaceClass.TRANSACTION:
        return len(links.direct) > policy.shared_limit_transaction
    return len(links.direct or links.bridged) > policy.shared_limit


def bridges_by(identifier: str, links: Links, policy: IdentityPolicy) -> bool:
    """Whether two links of `identifier` say that their targets belong together.

    Only direct links can end this, and they are never removed: once it has ended, it does not come back.
    """
    kind = policy.namespace(identifier).kind
    if kind is NamespaceClass.TRANSACTION:
        return len(links.direct) <= policy.shared_limit_transaction
    if kind is NamespaceClass.DEVICE:
        namespaces = {target.partition(":")[0] for target in links.direct}
        return len(namespaces) == len(links.direct)
    return False


def _first_owner(links: Links, policy: IdentityPolicy) -> tuple[OwnerPeriod, ...]:
    """A transaction always belongs to the target of its earliest link: the one who placed it."""
    time, _, owner = min(
        (min(times), -policy.namespace(target).rank, target)
        for target, times in (*links.direct.items(), *links.bridged.items())
    )
    return (OwnerPeriod(None, owner, time),)


def _owners_over_time(targets: Mapping[str, Iterable[int]], policy: IdentityPolicy) -> tuple[OwnerPeriod, ...]:
    """A person or device belongs to the target of the latest link so far; before the first link, to its target."""
    if len(targets) == 1:
        return (OwnerPeriod(None, next(iter(targets)), None),)
    preferred = sorted(targets, key=lambda target: (-policy.namespace(target).rank, target))
    ordered = sorted(chain.from_iterable(zip(targets[name], repeat(place)) for place, name in enumerate(preferred)))
    periods: list[OwnerPeriod] = []
    last_time = last_place = None
    for time, place in ordered:
        if place != last_place and time != last_time:
            periods.append(OwnerPeriod(time if periods else None, preferred[place], None))
            last_place = place
        last_time = time
    return tuple(periods)
