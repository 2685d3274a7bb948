"""The mailbox protocol: what a message does to a mailbox, and which messages follow from it.

The README beside this file explains it. Every change is a set operation or a maximum, so a repeated message does no
harm.
"""

import msgspec

from pipeline.identity.bridging import bridged_links, recipients
from pipeline.identity.changed import changed_stretch, owners_within
from pipeline.identity.links import Observation
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.messages import Dissolve, Hop, Link, Message, Recall, Touch
from pipeline.identity.owners import OwnerPeriod
from pipeline.identity.policy import IdentityPolicy, NamespaceClass
from pipeline.identity.recalled import NOTHING
from pipeline.identity.timeline import bridges, ignores, owner, timeline


def step(mailbox: Mailbox, message: Message, policy: IdentityPolicy) -> list[Message]:
    """Deliver a message.

    Args:
        mailbox: The mailbox that `message` is addressed to. It is changed in place; the caller owns it.
        message: The message.
        policy: How identifiers are weighed; the same for every mailbox.

    Returns:
        The messages to send, in this order.
    """
    if isinstance(message, Touch):
        return _take_touch(mailbox, message, policy)
    if isinstance(message, Link):
        return _take_link(mailbox, message, policy)
    if isinstance(message, Recall):
        return _take_recall(mailbox, message, policy)
    return _take_dissolve(mailbox, message, policy)


def resume(mailbox: Mailbox, policy: IdentityPolicy) -> list[Message]:
    """Route again the touches of a mailbox that was just loaded.

    A crash may have come after its links or marks were saved, and before its touches were moved accordingly.
    """
    return [*_bounce_held(mailbox), *_reroute(mailbox, policy)]


def _take_touch(mailbox: Mailbox, touch: Touch, policy: IdentityPolicy) -> list[Message]:
    returned = _bounce_arriving(mailbox, touch) if mailbox.stale else None
    if returned is not None:
        return [returned]
    period = owner(mailbox, touch.as_of, policy)
    if period is not None:
        return [_forward(mailbox, touch, period)]
    mailbox.keep(touch, policy.link_resolution_ms)
    return []


def _take_link(mailbox: Mailbox, link: Link, policy: IdentityPolicy) -> list[Message]:
    links = mailbox.links
    if links.knows(link.target, link.time, link.via) or ignores(mailbox, link.via, policy):
        return []
    unaffected = _leaves_owners(mailbox, link, policy)
    before = () if unaffected else timeline(mailbox, policy)
    was_bridging = bridges(mailbox, policy)
    links.add(link.target, link.time, link.via)
    mailbox.state_changed = True
    outgoing: list[Message] = []
    if len(links.direct) + len(links.bridged) > 1:  # with one target there is nobody to tell, and nothing to bridge
        if was_bridging and bridges(mailbox, policy):
            outgoing += bridged_links(mailbox, Observation(link.target, link.time, link.via), policy)
        elif was_bridging:
            outgoing += _dissolve_own(mailbox, policy)
        if links.direct and links.bridged and not _is_transaction(mailbox, policy):
            links.forget_bridged()
    return outgoing if unaffected else outgoing + _settle(mailbox, before, policy)


def _take_dissolve(mailbox: Mailbox, dissolve: Dissolve, policy: IdentityPolicy) -> list[Message]:
    links = mailbox.links
    if dissolve.bridge in links.dissolved or ignores(mailbox, (dissolve.bridge,), policy):
        return []
    before = timeline(mailbox, policy)
    outgoing = _pass_dissolve(mailbox, dissolve, policy) if _is_transaction(mailbox, policy) else []
    links.dissolve(dissolve.bridge)
    mailbox.state_changed = True
    return outgoing + _settle(mailbox, before, policy)


def _take_recall(mailbox: Mailbox, recall: Recall, policy: IdentityPolicy) -> list[Message]:
    known = mailbox.stale.get(recall.mailbox, NOTHING)
    recalled = known.recall(recall.since, recall.until, recall.version)
    if recalled == known:
        return []
    mailbox.stale[recall.mailbox] = recalled
    mailbox.state_changed = True
    return _bounce_held(mailbox) + _pass_recall(mailbox, recall, policy)


def _bounce_arriving(mailbox: Mailbox, touch: Touch) -> Touch | None:
    """Return a touch that was under way when its recall passed through here."""
    return _bounce(mailbox, touch) if touch.route else None


def _bounce(mailbox: Mailbox, touch: Touch) -> Touch | None:
    """Return a touch to the mailbox of its first hop that has been recalled since; None if none has."""
    stale = mailbox.stale
    for index, hop in enumerate(touch.route):
        if hop.version < stale.get(hop.mailbox, NOTHING).at(hop.as_of):
            return Touch(hop.mailbox, touch.event, hop.as_of, touch.route[:index])
    return None


def _bounce_held(mailbox: Mailbox) -> list[Message]:
    """Return the held touches that have been recalled."""
    if not mailbox.stale:
        return []
    outgoing: list[Message] = []
    for key, touch in mailbox.held():
        returned = _bounce(mailbox, touch)
        if returned is not None:
            mailbox.release(key, touch)
            outgoing.append(returned)
    return outgoing


def _forward(mailbox: Mailbox, touch: Touch, period: OwnerPeriod) -> Touch:
    hop = Hop(mailbox.identifier, touch.as_of, mailbox.version)
    as_of = touch.as_of if period.as_of is None else period.as_of
    return Touch(period.owner, touch.event, as_of, (*touch.route, hop))


def _reroute(mailbox: Mailbox, policy: IdentityPolicy) -> list[Message]:
    """Forward the held touches that have an owner."""
    outgoing: list[Message] = []
    if not timeline(mailbox, policy):
        return outgoing
    for key, touch in mailbox.held():
        period = owner(mailbox, touch.as_of, policy)
        if period is not None:
            mailbox.release(key, touch)
            outgoing.append(_forward(mailbox, touch, period))
    return outgoing


def _settle(mailbox: Mailbox, before: tuple[OwnerPeriod, ...], policy: IdentityPolicy) -> list[Message]:
    """Act on changed links: if the timeline of owners changed, recall what was forwarded and reroute what is held."""
    mailbox.owners = None
    if timeline(mailbox, policy) == before:
        return []
    mailbox.version += 1
    return _recall_own(mailbox, before, policy) + _reroute(mailbox, policy)


def _recall_own(mailbox: Mailbox, before: tuple[OwnerPeriod, ...], policy: IdentityPolicy) -> list[Message]:
    """Recall what went to the owners of the previous timeline, within the stretch that changed.

    Earlier timelines do not matter: what was forwarded on them was recalled when they ended.
    """
    stretch = changed_stretch(before, timeline(mailbox, policy))
    recalling = mailbox.identifier, mailbox.version, *stretch
    return [Recall(owner, *recalling) for owner in owners_within(before, stretch)]


def _pass_recall(mailbox: Mailbox, recall: Recall, policy: IdentityPolicy) -> list[Message]:
    """Pass a recall on to the present owners.

    Former owners do not need it: what they were sent is on its way back here, where it finds the mark.
    """
    owners = dict.fromkeys(period.owner for period in timeline(mailbox, policy))
    return [msgspec.structs.replace(recall, at=owner) for owner in owners]


def _dissolve_own(mailbox: Mailbox, policy: IdentityPolicy) -> list[Message]:
    """Take back the bridged links that this mailbox sent: it no longer bridges."""
    return [Dissolve(target, mailbox.identifier) for target in recipients(mailbox, policy)]


def _pass_dissolve(mailbox: Mailbox, dissolve: Dissolve, policy: IdentityPolicy) -> list[Message]:
    """Take back what this mailbox derived from bridged links that no longer hold."""
    return [Dissolve(target, dissolve.bridge) for target in recipients(mailbox, policy)]


def _leaves_owners(mailbox: Mailbox, link: Link, policy: IdentityPolicy) -> bool:
    """Whether a link certainly changes no owner, which saves computing the timeline.

    That is the usual case: a person or device seen again with its owner.
    """
    if _is_transaction(mailbox, policy):
        return False
    links = mailbox.links
    if link.target not in (links.bridged if link.via else links.direct):
        return False
    period = owner(mailbox, link.time, policy)
    return period is None or period.owner == link.target


def _is_transaction(mailbox: Mailbox, policy: IdentityPolicy) -> bool:
    return policy.namespace(mailbox.identifier).kind is NamespaceClass.TRANSACTION
