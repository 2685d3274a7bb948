"""The simulated clock: what is planned, what was sent, and when it arrives."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from random import Random

from pipeline.simulator.event import Json, SimulatedEvent
from pipeline.simulator.policy import Disorder

Scene = Callable[[int], None]
"""Something that happens at a moment (milliseconds since the epoch): it emits events and plans further scenes."""

SOURCES = {
    "web": "/shop/web",
    "delivery": "/carrier/parcels",
    "store": "/stores/tills",
    "support": "/service/desk",
    "feedback": "/feedback/forms",
    "marketing": "/marketing/campaigns",
    "product": "/product/telemetry",
}


class World:
    """A discrete-event simulation that yields events in order of arrival, in memory bounded by what is under way."""

    def __init__(self, rng: Random, end: int, disorder: Disorder) -> None:
        self.rng = rng
        self.end = end
        self._disorder = disorder
        self._plans: list[tuple[int, int, Scene]] = []
        self._under_way: list[tuple[int, int, SimulatedEvent]] = []
        self._sequence = 0

    def plan(self, time: int, scene: Scene) -> None:
        """Let `scene` happen at `time`, unless the simulation is over by then."""
        if time < self.end:
            self._sequence += 1
            heappush(self._plans, (time, self._sequence, scene))

    def emit(
        self,
        person: str,
        type_: str,
        time: int,
        identifiers: dict[str, str],
        data: dict[str, Json] | None = None,
        source: str = "",
    ) -> None:
        """Send an event that happens at `time`; what happens after the end of the simulation is not sent."""
        if time >= self.end:
            return
        moment = datetime.fromtimestamp(time // 1000, UTC)
        event: dict[str, Json] = {
            "specversion": "1.0",
            "id": f"{self.rng.getrandbits(80):020x}",
            "source": source or SOURCES[type_.partition(".")[0]],
            "type": type_,
            "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03d}Z",
            "data": {"identifiers": dict(identifiers), **(data or {})},
        }
        self._send(SimulatedEvent(event, person, time + self._delay()))
        if self.rng.random() < self._disorder.doubled_share:
            self._send(SimulatedEvent(event, person, time + self._delay() + 1))

    def run(self) -> Iterator[SimulatedEvent]:
        """Let everything that is planned happen, and yield the events as they arrive."""
        while self._plans:
            time, _, scene = heappop(self._plans)
            while self._under_way and self._under_way[0][0] < time:
                yield heappop(self._under_way)[2]
            scene(time)
        while self._under_way:
            yield heappop(self._under_way)[2]

    def _send(self, simulated: SimulatedEvent) -> None:
        self._sequence += 1
        heappush(self._under_way, (simulated.deliver_at, self._sequence, simulated))

    def _delay(self) -> int:
        disorder = self._disorder
        delay = self.rng.expovariate(1 / disorder.delay_ms) if disorder.delay_ms else 0.0
        if self.rng.random() < disorder.late_share:
            delay += self.rng.expovariate(1 / disorder.late_by_ms)
        return int(delay)
