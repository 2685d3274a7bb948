"""What a mailbox answers about itself: its owners over time, whether it is shared, whether it bridges."""

from pipeline.identity.mailbox import Mailbox
from pipeline.identity.owners import OwnerPeriod, Owners, bridges_by, owners_of, shared_by
from pipeline.identity.policy import IdentityPolicy, NamespaceClass


def timeline(mailbox: Mailbox, policy: IdentityPolicy) -> tuple[OwnerPeriod, ...]:
    """The owners over time, in order of `since`, the first since always; empty for a customer."""
    return _owners(mailbox, policy).periods


def owner(mailbox: Mailbox, time: int, policy: IdentityPolicy) -> OwnerPeriod | None:
    """The owner at `time` (milliseconds since the epoch); None if the mailbox is a customer."""
    owners = mailbox.owners or _owners(mailbox, policy)
    return owners.at(time) if owners.periods else None


def is_shared(mailbox: Mailbox, policy: IdentityPolicy) -> bool:
    """Whether it has links to too many targets to belong to one of them."""
    return shared_by(mailbox.identifier, mailbox.links, policy)


def bridges(mailbox: Mailbox, policy: IdentityPolicy) -> bool:
    """Whether two of its links say that their targets belong together."""
    return bridges_by(mailbox.identifier, mailbox.links, policy)


def ignores(mailbox: Mailbox, via: tuple[str, ...], policy: IdentityPolicy) -> bool:
    """Whether a further link (bridged over `via`, or direct if empty) can never matter to this mailbox.

    That bounds its links: once it is shared through direct links and no longer bridges, nothing ever changes that; and
    persons and devices that have direct links ignore bridged ones.
    """
    links = mailbox.links
    if via and links.direct and policy.namespace(mailbox.identifier).kind is not NamespaceClass.TRANSACTION:
        return True
    return len(links.direct) > policy.shared_limit and is_shared(mailbox, policy) and not bridges(mailbox, policy)


def _owners(mailbox: Mailbox, policy: IdentityPolicy) -> Owners:
    if mailbox.owners is None:
        mailbox.owners = owners_of(mailbox.identifier, mailbox.links, policy)
    return mailbox.owners
