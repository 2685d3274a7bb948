"""What a detector is, and what it yields."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Protocol, final

import msgspec

from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.scope import Scope, alone


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A friction before it is put into its journey: the step gives touchpoint, owner and channel."""

    kind: str
    severity: int
    """1 to 3."""
    about: str
    """What the friction is about: a transaction as `namespace:value`, or an event as `event_subject` gives it.

    Kind and subject make the friction's id: choose what stays the same while the friction grows.
    """
    step: Occurrence
    """The step it happened at."""
    time: int
    """Event time of that step, or the deadline that passed: milliseconds since the epoch."""
    evidence: tuple[Occurrence, ...]
    """The steps that prove it, in any order."""
    cause: tuple[str, ...] = ()
    """Friction or event ids on the other side of a cross-channel friction."""
    until: int | None = None
    """Event time at which the trouble was over, for other detectors; None: it lasts."""
    concerns: frozenset[str] = frozenset()
    """Transactions it concerns, as `namespace:value`."""

    @property
    def friction_id(self) -> str:
        """32 hexadecimal digits, which stay the same when the event or the transaction moves to another customer."""
        return friction_id(self.kind, self.about, self.step.event.probe)


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """A moment at which the clock alone changes what the detector finds; of several the earliest counts."""

    at: int
    """Later than `now`: milliseconds since the epoch."""


class Detector(Protocol):
    """A pure function over one journey's steps, with attributes that say when to call it.

    Implementations keep no state between calls, read no clock and do no I/O: the same steps and `now` give the same
    result. A deadline passes when `now` is greater than it. While one is open the detector yields
    `Deadline(deadline + 1)`, so that the journey is looked at again without another event.

    A detector may declare in an attribute `scope` (see `pipeline.frictions.scope`) what its findings depend on, and is
    then called less often; without it, it is called with the whole journey whenever anything happens.
    """

    @property
    def kinds(self) -> Sequence[str]:
        """The friction kinds it may yield; no other detector may yield them."""
        ...

    @property
    def listens_to(self) -> Sequence[str]:
        """Event types; it is called for journeys that have any of them. Empty: for every journey."""
        ...

    @property
    def cross_channel(self) -> bool:
        """Whether it runs after the others, and sees what they found."""
        ...

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterable[Finding | Deadline]:
        """Yield frictions and open deadlines.

        Args:
            steps: One journey's steps; all of them probes, or none.
            now: The clock, at least the time of the last step: milliseconds since the epoch.
            findings: What the detectors that are not cross-channel found, in order of time, kind and subject. Empty
                for a detector that is not cross-channel, or whose scope has a stretch.
        """
        ...


class EventDetector:
    """Base of detectors that judge each event alone."""

    kinds: Sequence[str] = ()
    listens_to: Sequence[str] = ()
    cross_channel = False
    signs: Sequence[bytes] = ()
    """An event whose canonical JSON has none of these is skipped without being decoded. Empty: no event is."""

    @property
    def scope(self) -> Scope:
        """No other event matters."""
        return Scope(frozenset(self.listens_to), alone)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Return kind and severity, or None where the event is no friction."""
        raise NotImplementedError

    @final
    def find(self, step: Occurrence) -> Finding | None:
        """Judge one event of a type that is listened to."""
        if self.signs:
            data = step.event.data
            for sign in self.signs:
                if data.find(sign) >= 0:  # `in` first tries to read the sign as a number, which costs an exception
                    break
            else:
                return None
        verdict = self.judge(step)
        return None if verdict is None else about_event(*verdict, step)

    @final
    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Judge the events of the types that are listened to."""
        found = map(self.find, steps.of(*self.listens_to))
        return (finding for finding in found if finding is not None)


def about_event(
    kind: str, severity: int, step: Occurrence, evidence: tuple[Occurrence, ...] = (), cause: tuple[str, ...] = ()
) -> Finding:
    """Make a finding that is about one event and happened at it."""
    return Finding(
        kind=kind,
        severity=severity,
        about=event_subject(step),
        step=step,
        time=step.time,
        evidence=evidence or (step,),
        cause=cause,
    )


def event_subject(step: Occurrence) -> str:
    """Name an event as the subject of a friction."""
    return step.key.hex()


def friction_id(kind: str, about: str, probe: bool) -> str:
    """Hash kind and subject to 32 hexadecimal digits; a probe's friction never has the id of a customer's."""
    text = f"{len(kind)}:{kind}{len(about)}:{about}{'probe' if probe else ''}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
