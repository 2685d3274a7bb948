"""Frictions of support: slow, bounced, reopened and repeated contacts."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

from pipeline.frictions.detector import Deadline, EventDetector, Finding
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import SupportPolicy
from pipeline.frictions.scope import Scope
from pipeline.frictions.ticket import ABANDONED, OPENED, REOPENED, TICKET_TYPES, TRANSFERRED, Ticket, tickets

_TICKETS = Scope(frozenset(TICKET_TYPES))


class SupportEvent(EventDetector):
    """`reopened`, `abandoned_contact`: the event says so."""

    kinds = ("reopened", "abandoned_contact")
    listens_to = (REOPENED, ABANDONED)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Name the event's friction."""
        return ("reopened", 3) if step.type == REOPENED else ("abandoned_contact", 2)


class SlowFirstReply:
    """`slow_first_reply`: no reply to an opened ticket within the target of its channel.

    A resolution is a reply too. A deadline friction.
    """

    kinds = ("slow_first_reply",)
    listens_to = (OPENED,)
    cross_channel = False
    scope = _TICKETS

    def __init__(self, policy: SupportPolicy) -> None:
        self._targets = policy.first_reply_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each opening with the first answer at or after it."""
        for ticket in steps.derive(tickets):
            target = None if ticket.opened is None else self._targets.get(ticket.opened.event.channel)
            if target is not None:
                yield from _overdue("slow_first_reply", ticket, ticket.replies, target, now)


class SlowResolution:
    """`slow_resolution`: an opened ticket was not resolved or closed within 72 hours. A deadline friction."""

    kinds = ("slow_resolution",)
    listens_to = (OPENED,)
    cross_channel = False
    scope = _TICKETS

    def __init__(self, policy: SupportPolicy) -> None:
        self._target = policy.resolution_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each opening with the first resolution at or after it."""
        for ticket in steps.derive(tickets):
            yield from _overdue("slow_resolution", ticket, ticket.resolutions, self._target, now)


def _overdue(
    kind: str, ticket: Ticket, answers: Sequence[Occurrence], target_ms: int, now: int
) -> Iterator[Finding | Deadline]:
    opened = ticket.opened
    if opened is None or opened.identifier("ticket_id") is None:
        return  # without an identifier no answer can be matched to it
    deadline = opened.time + target_ms
    answer = next((step for step in answers if step.time >= opened.time), None)
    if answer is not None and answer.time <= deadline:
        return
    if answer is None and now <= deadline:
        yield Deadline(deadline + 1)
        return
    yield Finding(
        kind=kind,
        severity=2,
        about=ticket.about,
        step=opened,
        time=deadline,
        evidence=(opened,) if answer is None else (opened, answer),
        until=None if answer is None else answer.time,
        concerns=frozenset({ticket.about}),
    )


class Bounced:
    """`bounced`: a ticket was transferred twice or more; it happens at the transfer that makes it so."""

    kinds = ("bounced",)
    listens_to = (TRANSFERRED,)
    cross_channel = False
    scope = _TICKETS

    def __init__(self, policy: SupportPolicy) -> None:
        self._transfers = policy.transfers

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Count the transfers of each ticket."""
        for ticket in steps.derive(tickets):
            if len(ticket.transfers) >= self._transfers:
                step = ticket.transfers[self._transfers - 1]
                yield Finding(
                    kind="bounced",
                    severity=2,
                    about=ticket.about,
                    step=step,
                    time=step.time,
                    evidence=tuple(ticket.transfers),
                    concerns=frozenset({ticket.about}),
                )


class RepeatContact:
    """`repeat_contact`: a new ticket within seven days after another's resolution.

    Support teams commonly measure first contact resolution by this window. It is about the new ticket. The days count
    from the other ticket's resolution, not from its closing later on. Of two tickets opened in one moment neither
    repeats the other.
    """

    kinds = ("repeat_contact",)
    listens_to = (OPENED,)
    cross_channel = False
    scope = _TICKETS

    def __init__(self, policy: SupportPolicy) -> None:
        self._window = policy.repeat_contact_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each opening with the last resolution of another ticket before it."""
        known = steps.derive(tickets)
        resolved = sorted(
            [
                (_repeated_from(step, ticket), step.position, step, ticket)
                for ticket in known
                for step in ticket.resolutions
            ],
            key=itemgetter(0, 1),
        )
        times = [time for time, *_ in resolved]
        for ticket in known:
            if ticket.opened is None:
                continue
            places = range(bisect_right(times, ticket.opened.time) - 1, -1, -1)
            earlier = next((resolved[place][2] for place in places if resolved[place][3] is not ticket), None)
            if earlier is not None and ticket.opened.time - earlier.time <= self._window:
                yield Finding(
                    kind="repeat_contact",
                    severity=2,
                    about=ticket.about,
                    step=ticket.opened,
                    time=ticket.opened.time,
                    evidence=(earlier, ticket.opened),
                    concerns=frozenset({ticket.about}),
                )


def _repeated_from(resolution: Occurrence, ticket: Ticket) -> int:
    """The first moment at which another ticket can repeat the resolved one.

    It is that of the resolution, or the next millisecond if the resolved ticket was opened in that same moment: of two
    tickets opened at once neither repeats the other.
    """
    at_once = ticket.opened is not None and ticket.opened.time == resolution.time
    return resolution.time + at_once
