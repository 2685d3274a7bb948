"""Support tickets and contacts of a journey."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from operator import attrgetter

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
_RESOLVING = (RESOLVED, CLOSED)
_TURNS = (OPENED, REOPENED, *_RESOLVING)


class Unresolved(msgspec.Struct, frozen=True, eq=False, gc=False):
    """From an opening or reopening of a ticket until the moment of its next opening, reopening or resolution."""

    opening: Occurrence
    end: Occurrence | None


class Ticket:
    """One ticket, or a single step of one without an identifier. Closing a ticket resolves it."""

    __slots__ = ("about", "opened", "replies", "resolutions", "transfers", "unresolved")

    def __init__(self, about: str, steps: Sequence[Occurrence]) -> None:
        self.about = about
        self.opened = next((step for step in steps if step.type == OPENED), None)
        """The first opening; None where only later steps are known."""
        self.replies = [step for step in steps if step.type in (REPLIED, *_RESOLVING)]
        """What answers the customer: a reply, or a resolution without one."""
        turns = [step for step in steps if step.type in _TURNS]
        if len({turn.time for turn in turns}) < len(turns):
            turns = list(_by_sense(turns))
        resolved = groupby(turns, key=lambda turn: turn.type in _RESOLVING)
        self.resolutions = [next(run) for is_resolved, run in resolved if is_resolved]
        """The steps that ended an unresolved time; closing a resolved ticket is no further resolution."""
        self.transfers = [step for step in steps if step.type == TRANSFERRED]
        self.unresolved = tuple(_unresolved(turns))
        """The times during which it was unresolved, in order."""

    @property
    def unresolved_since(self) -> Occurrence | None:
        """The last opening or reopening, if no resolution follows it."""
        last = self.unresolved[-1] if self.unresolved else None
        return last.opening if last is not None and last.end is None else None


class Contact(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The customer turned to support: opened a ticket, or gave up waiting."""

    about: str
    """The ticket, or the event where there is no ticket."""
    step: Occurrence
    named: frozenset[str]
    """The orders and parcels it names."""


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
            named = (name for name in step.event.identifiers if name.startswith(("order_id:", "parcel_id:")))
            found.setdefault(about, Contact(about, step, frozenset(named)))
    return tuple(found.values())


def unresolved_times(steps: Steps) -> tuple[Unresolved, ...]:
    """List when the journey's tickets were unresolved, in order of the openings."""
    times = [time for ticket in steps.derive(tickets) for time in ticket.unresolved]
    return tuple(sorted(times, key=lambda time: time.opening.position))


def _by_sense(turns: Sequence[Occurrence]) -> Iterator[Occurrence]:
    """Order the openings and resolutions of one ticket, some of which share a time.

    Many help desks record only minutes, so within one moment the sense decides, not the event ids: an opening comes
    before a resolution. A reopening does too, unless the ticket was unresolved and so must have been resolved first.
    """
    unresolved = False
    for _, moment in groupby(turns, key=attrgetter("time")):
        ordered = sorted(moment, key=lambda turn: _TURNS.index(turn.type))
        if unresolved or ordered[0].type == OPENED:
            ending = next((turn for turn in ordered if turn.type in _RESOLVING), None)
            ordered.sort(key=lambda turn: (turn.type != OPENED, turn is not ending))
        yield from ordered
        unresolved = ordered[-1].type not in _RESOLVING


def _unresolved(turns: Sequence[Occurrence]) -> Iterator[Unresolved]:
    for turn, following in zip_longest(turns, turns[1:]):
        if turn.type in (OPENED, REOPENED):
            yield Unresolved(turn, following)
