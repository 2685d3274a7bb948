"""Bridged links: links between the targets of an order, parcel, ticket or device."""

from pipeline.identity.links import Observation, Via
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.messages import Link
from pipeline.identity.policy import IdentityPolicy, NamespaceClass


def bridged_links(mailbox: Mailbox, new: Observation, policy: IdentityPolicy) -> list[Link]:
    """The bridged links that follow from a new observation at a bridge, addressed to the targets of lower rank.

    For two targets `a`, `b` of the bridge with rank(a) < rank(b), and each time of a link to `a`: `(a -> b, time)`.
    """
    if new.via and not _bridges_over_bridged(mailbox, policy):
        return []
    rank = policy.namespace(new.target).rank
    others = {target: policy.namespace(target).rank for target in mailbox.links.targets() - {new.target}}
    is_new_way = _is_new_way(mailbox, new)
    outgoing: dict[Link, None] = {}
    for target in sorted(others):
        if others[target] > rank:
            for via in _ways(mailbox, target, policy):
                outgoing[_link(mailbox, new, target, via)] = None
        elif others[target] < rank and is_new_way:
            for known in sorted(mailbox.links.observations(target)):
                if not known.via or _bridges_over_bridged(mailbox, policy):
                    outgoing[_link(mailbox, known, new.target, new.via)] = None
    return list(outgoing)


def recipients(mailbox: Mailbox, policy: IdentityPolicy) -> list[str]:
    """The mailboxes that bridged links were sent to: the targets that rank below another target."""
    ranks = {target: policy.namespace(target).rank for target in mailbox.links.targets()}
    highest = max(ranks.values(), default=0)
    return sorted(target for target, rank in ranks.items() if rank < highest)


def _link(mailbox: Mailbox, lower: Observation, target: str, via: Via) -> Link:
    return Link(lower.target, target, lower.time, tuple(sorted({*lower.via, *via, mailbox.identifier})))


def _ways(mailbox: Mailbox, target: str, policy: IdentityPolicy) -> list[Via]:
    ways = mailbox.links.ways(target)
    return ways if _bridges_over_bridged(mailbox, policy) else [way for way in ways if not way]


def _is_new_way(mailbox: Mailbox, new: Observation) -> bool:
    """Whether no other link to the target came over the same bridges or fewer.

    Otherwise `new` differs only in its time, and a bridged link has the time of the target of lower rank.
    """
    return not any(
        known.time != new.time and set(known.via) <= set(new.via) for known in mailbox.links.observations(new.target)
    )


def _bridges_over_bridged(mailbox: Mailbox, policy: IdentityPolicy) -> bool:
    return policy.namespace(mailbox.identifier).kind is NamespaceClass.TRANSACTION
