"""Support tickets and contacts of a journey."""

from collections.abc import Sequence

import msgspec

from pipeline.frictions.detector import event_subject
from pipeline.frictions.occurrence import Occurrence, Steps

OPENED = "support.ticket_opened"
REOPENED = "support.ticket_reopened"
REPLIED = "support.ticket_replied"
TRANSFERRED = "support.ticket_transferred"
RESOLVED = "support.ticket_resolved"
CLOSED = "support.ticket_closed"
ABANDONED = "support.contact_abandoned"

TICKET_TYPES = (OPENED, REOPENED, REPLIED, TRANSFERRED, RESOLVED, CLOSED)
CONTACT_TYPES = (OPENED, ABANDONED)


class Ticket:
    """One ticket, or the opening of one without an identifier. Closing a ticket resolves it."""

    __slots__ = ("about", "opened", "openings", "replies", "resolutions", "transfers")

    def __init__(self, about: str, steps: Sequence[Occurrence]) -> None:
        self.about = about
        self.opened = next((step for step in steps if step.type == OPENED), None)
        """The first opening; None where only later steps are known."""
        self.openings = [step for step in steps if step.type in (OPENED, REOPENED)]
        self.replies = [step for step in steps if step.type in (REPLIED, RESOLVED, CLOSED)]
        """What answers the customer: a reply, or a resolution without one."""
        self.resolutions = [step for step in steps if step.type in (RESOLVED, CLOSED)]
        self.transfers = [step for step in steps if step.type == TRANSFERRED]

    def unresolved_since(self, before: Occurrence | None = None) -> Occurrence | None:
        """Return the last opening or reopening if no resolution follows it, looking only at steps before another."""
        opening = _last(self.openings, before)
        resolution = _last(self.resolutions, before)
        if opening is None or (resolution is not None and resolution.position > opening.position):
            return None
        return opening


class Contact(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The customer turned to support: opened a ticket, or gave up waiting to."""

    about: str
    """The ticket, or the event where there is no ticket."""
    step: Occurrence

    def may_concern(self, transactions: frozenset[str]) -> bool:
        """Whether the contact names none of its orders and parcels, or one of these."""
        named = {step for step in self.step.event.identifiers if step.startswith(("order_id:", "parcel_id:"))}
        return not named or not named.isdisjoint(transactions)


def tickets(steps: Steps) -> tuple[Ticket, ...]:
    """Sort a journey's steps by ticket, in order of each ticket's first step."""
    by_ticket: dict[str, list[Occurrence]] = {}
    for step in steps.of(*TICKET_TYPES):
        by_ticket.setdefault(step.identifier("ticket_id") or event_subject(step), []).append(step)
    return tuple(Ticket(about, own) for about, own in by_ticket.items())


def contacts(steps: Steps) -> tuple[Contact, ...]:
    """List the support contacts in order: each ticket once, and given-up contacts that never became a ticket."""
    found: dict[str, Contact] = {}
    opened = {step.identifier("ticket_id") for step in steps.of(OPENED)}
    for step in steps.of(*CONTACT_TYPES):
        ticket = step.identifier("ticket_id")
        if step.type == OPENED or ticket is None or ticket not in opened:
            about = ticket or event_subject(step)
            found.setdefault(about, Contact(about, step))
    return tuple(found.values())


def _last(steps: Sequence[Occurrence], before: Occurrence | None) -> Occurrence | None:
    known = steps if before is None else [step for step in steps if step.position < before.position]
    return known[-1] if known else None
