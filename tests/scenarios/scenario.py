"""A scenario as its file defines it."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.settings.duration import parse_duration

DIRECTORY = Path(__file__).parents[1] / "data" / "scenarios"

DEADLINE_KINDS = ("checkout_abandoned", "late_delivery", "stalled_parcel", "slow_first_reply", "slow_resolution")
"""The kinds that the clock alone may raise."""


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event is sent."""

    id: str
    at: str
    """When it happened, after the start."""
    type: str
    identifiers: Mapping[str, str] = msgspec.field(default_factory=lambda: {"customer_id": "anna"})
    data: Mapping[str, object] = {}
    """The rest of its data; the text `{2d 6h}` becomes the time so long after the start, `{date 2d}` only its date."""


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock moves on."""

    clock: str
    holds: Sequence[str]
    """The kinds of the frictions that hold at that moment, in order of time."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A friction as it must be found."""

    kind: str
    severity: int
    time: str
    touchpoint: str
    owner: str
    channel: str
    evidence: Sequence[str]
    cause: Sequence[str] = ()
    """Event ids, and frictions of the scenario as `kind@time`."""
    customer: str = "customer_id:anna"
    probe: bool = False
    detected: str | None = None
    """When it is found if the events are sent in order and the clock follows them; None: at its time."""
    first: Mapping[str, str | int] = {}
    """Severity, touchpoint, owner or channel that differed when it was first found: it is counted with these."""


Step = Sent | Clock


class _Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    starts: Literal["at any time", "at midnight"] = "at any time"
    frictions: Sequence[Expected]
    """All that hold in the end, in order of time and kind."""
    withdrawn: Sequence[Expected] = ()
    """Those found on the way if the events are sent in order, which hold for no customer in the end."""


class Scenario(_Outcome, frozen=True, kw_only=True):
    """Events in, frictions out."""

    steps: Sequence[Step]
    """An event that occurs more than once is delivered as often."""

    @property
    def end(self) -> int:
        """The latest time of its steps, in milliseconds after the start."""
        return max(moment(step) for step in self.steps)

    @property
    def sent(self) -> list[Sent]:
        """The events in the order in which they are sent, repeated deliveries included."""
        return [step for step in self.steps if isinstance(step, Sent)]

    @property
    def clocks(self) -> list[Clock]:
        """The stated movements of the clock."""
        return [step for step in self.steps if isinstance(step, Clock)]


def moment(step: Step) -> int:
    """The earliest time that the clock may show at a step, in milliseconds after the start."""
    return parse_duration(step.at if isinstance(step, Sent) else step.clock)


def load_all() -> dict[str, Sequence[Scenario]]:
    """The scenarios by the friction kind that names their file."""
    return {path.stem: tuple(_load(path)) for path in sorted(DIRECTORY.glob("*.toml"))}


def _load(path: Path) -> Iterator[Scenario]:
    for table in tomllib.loads(path.read_text())["scenario"]:
        steps = tuple(_steps(table.pop("steps")))
        yield Scenario(steps=steps, **msgspec.structs.asdict(msgspec.convert(table, _Outcome)))


def _steps(tables: Iterable[Mapping[str, str]]) -> Iterator[Step]:
    sent: dict[str, Sent] = {}
    for table in tables:
        if "clock" in table:
            yield msgspec.convert(table, Clock)
        elif "again" in table:
            yield sent[table["again"]]
        else:
            event = msgspec.convert(table, Sent)
            assert event.id not in sent, f"two events {event.id!r}"
            sent[event.id] = event
            yield event
