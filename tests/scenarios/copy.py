"""One copy of a scenario, which starts at a given moment and has identifiers of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from pipeline.frictions.friction import Friction
from pipeline.settings.duration import parse_duration
from pipeline.stitching.changes import DetectedFriction
from tests.scenarios.scenario import Expected, Scenario, Sent, moment

DAY = 86_400_000
_RELATIVE = re.compile(r"\{(date )?([^}]+)\}")


class Found(msgspec.Struct, frozen=True, order=True):
    """A friction in the scenario's own terms; times in milliseconds after the start."""

    time: int
    kind: str
    severity: int
    touchpoint: str
    owner: str
    channel: str
    evidence: tuple[str, ...]
    cause: tuple[str, ...]
    customer: str
    probe: bool


class Copy(msgspec.Struct, frozen=True):
    """A scenario placed in time; `mark` distinguishes its identifiers from those of other copies."""

    scenario: Scenario
    ends_at: int
    """The moment of the scenario's end, or up to a day after it: milliseconds since the epoch."""
    mark: str

    @property
    def start(self) -> int:
        """Milliseconds since the epoch."""
        start = self.ends_at - self.scenario.end
        return start - start % DAY if self.scenario.starts == "at midnight" else start

    def event(self, sent: Sent) -> dict[str, object]:
        """The event as its source sends it."""
        return {
            "specversion": "1.0",
            "id": self._own(sent.id),
            "source": f"/{sent.type.partition('.')[0]}",
            "type": sent.type,
            "time": _written(self.start + moment(sent)),
            "data": {
                "identifiers": {space: self._own(value) for space, value in sent.identifiers.items()},
                **{name: self._absolute(value) for name, value in sent.data.items()},
            },
        }

    def found(self, detected: Iterable[DetectedFriction], known: Iterable[DetectedFriction] = ()) -> list[Found]:
        """This copy's frictions in the scenario's own terms; causes may be `known` frictions too."""
        own = [one.friction for one in detected if one.friction.customer.endswith(self._own(""))]
        causes = [*own, *(one.friction for one in known)]
        names = {one.friction_id: f"{one.kind}@{one.time - self.start}" for one in causes}
        return sorted(self._found(one, names) for one in own)

    def expected(self, expectations: Sequence[Expected]) -> list[Found]:
        """What the scenario expects, in the same form."""
        return sorted(map(_expected, expectations))

    def _found(self, friction: Friction, names: Mapping[str, str]) -> Found:
        return Found(
            time=friction.time - self.start,
            kind=friction.kind,
            severity=friction.severity,
            touchpoint=friction.touchpoint,
            owner=friction.owner,
            channel=friction.channel,
            evidence=tuple(map(self._named, friction.evidence)),
            cause=tuple(names.get(one, self._named(one)) for one in friction.cause),
            customer=self._named(friction.customer),
            probe=friction.probe,
        )

    def _own(self, value: str) -> str:
        return f"{value}~{self.mark}"

    def _named(self, value: str) -> str:
        return value.removesuffix(self._own(""))

    def _absolute(self, value: object) -> object:
        relative = _RELATIVE.fullmatch(value) if isinstance(value, str) else None
        if relative is None:
            return value
        written = _written(self.start + parse_duration(relative[2]))
        return written.partition("T")[0] if relative[1] else written


def _expected(one: Expected) -> Found:
    return Found(
        time=parse_duration(one.time),
        kind=one.kind,
        severity=one.severity,
        touchpoint=one.touchpoint,
        owner=one.owner,
        channel=one.channel,
        evidence=tuple(one.evidence),
        cause=tuple(map(_cause, one.cause)),
        customer=one.customer,
        probe=one.probe,
    )


def _cause(name: str) -> str:
    kind, at, time = name.partition("@")
    return f"{kind}@{parse_duration(time)}" if at else name


def _written(time: int) -> str:
    moment = datetime.fromtimestamp(time // 1000, UTC).replace(microsecond=time % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
