"""The load: a simulated retailer's events, shuffled, some doubled, some very late, and a few invalid ones."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from random import Random
from typing import Final, NamedTuple

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.adapters.broker.servers import Servers
from pipeline.catalogue.topics import raw_topic_of
from pipeline.events.encode import encode
from pipeline.settings.kafka import Kafka
from pipeline.simulator.simulate import simulate
from tests.end_to_end.events import Event

START: Final = 1_772_323_200_000
"""Midnight of 1 March 2026, UTC. All deadlines have passed since, so the answer does not depend on the clock."""
DAY: Final = 86_400_000
SHUFFLED: Final = 300
"""How many events wait at once; the next one to go is chosen at random."""
LATE: Final = 0.02
LATE_BY: Final = (500, 3_000)
"""By how many events a late one is held back: at least and at most."""
DOUBLED: Final = 0.1
REJECTED: Final = 0.02
PORTIONS_PER_SECOND: Final = 5
DELIVERY_MS: Final = 900_000


class Sending(NamedTuple):
    """One event to send."""

    event: Event
    double: bool
    rejected: bool
    """Whether it must become a dead letter."""
    late: bool = False


def retailer(seed: int, people: int, days: int) -> Iterator[Event]:
    """The events of a retailer's days, in order of arrival."""
    return (one.event for one in simulate(seed, people, START, days * DAY))


def disordered(events: Iterable[Event], chance: Random) -> Iterator[Sending]:
    """The events out of order: some doubled, some late, and some to be rejected in between."""
    waiting: list[Sending] = []
    late: list[tuple[int, int, Sending]] = []
    for number, event in enumerate(events):
        while late and late[0][0] <= number:
            waiting.append(heappop(late)[-1])
        if chance.random() < LATE:
            heappush(late, (number + chance.randint(*LATE_BY), number, Sending(event, False, False, late=True)))
        else:
            waiting.append(Sending(event, False, False))
        if chance.random() < REJECTED:
            waiting.append(Sending(_without_identifier(event), False, True))
        while len(waiting) > SHUFFLED:
            yield _next(waiting, chance)
    waiting += [sending for _, _, sending in late]
    while waiting:
        yield _next(waiting, chance)


def _next(waiting: list[Sending], chance: Random) -> Sending:
    at = chance.randrange(len(waiting))
    waiting[at], waiting[-1] = waiting[-1], waiting[at]
    chosen = waiting.pop()
    if not chosen.rejected and not chosen.double and chance.random() < DOUBLED:
        waiting.append(chosen._replace(double=True))
    return chosen


def _without_identifier(event: Event) -> Event:
    return {**event, "id": f"rejected-{event['id']}", "data": {**event["data"], "identifiers": {}}}


class Load(threading.Thread):
    """Sends at a rate until it is told to finish; what was sent and acknowledged is the ground truth."""

    def __init__(self, servers: Sequence[str], sendings: Iterator[Sending], per_second: Callable[[], int]) -> None:
        """Prepare; `per_second` is called again for each portion."""
        super().__init__(daemon=True, name="load")
        self.accepted: list[bytes] = []
        """Acknowledged events, each once, as JSON: those of a run of hours would not fit into memory as objects."""
        self.rejected: list[bytes] = []
        """Acknowledged events that must become dead letters."""
        self.doubles = 0
        self.late = 0
        self.failure: BaseException | None = None
        self._servers = Servers(servers, Kafka())
        self._sendings = sendings
        self._per_second = per_second
        self._finishing = threading.Event()
        self._failures: list[SendFailure] = []

    @property
    def acknowledged(self) -> int:
        """Events that must be found in a table, each once."""
        return len(self.accepted) + len(self.rejected)

    def finish(self, seconds: float) -> None:
        """Stop sending; returns when the broker has acknowledged everything."""
        self._finishing.set()
        self.join(seconds)
        assert not self.is_alive(), "the broker does not acknowledge"
        self._sendings = iter(())  # a large retailer's pending events take gigabytes, which the comparison needs
        if self.failure is not None:
            raise self.failure

    def require_more(self) -> None:
        """Check that it is still sending: faults must strike under load."""
        if self.failure is not None:
            raise self.failure
        assert self.is_alive(), "the load ran out of events before the faults were over"

    def require_progress(self, seconds: float) -> None:
        """Wait until something more is acknowledged, and fail if that takes too long."""
        before, deadline = self.acknowledged, time.monotonic() + seconds
        while self.acknowledged == before:
            self.require_more()
            assert time.monotonic() < deadline, "the brokers acknowledge nothing any more"
            time.sleep(1 / PORTIONS_PER_SECOND)

    def run(self) -> None:
        """Send."""
        try:
            with EventProducer(self._servers, self._failures.append, delivery_timeout_ms=DELIVERY_MS) as producer:
                self._send_all(producer)
        except BaseException as error:  # raised again in the caller's thread
            self.failure = error

    def _send_all(self, producer: EventProducer) -> None:
        due = time.monotonic()
        while not self._finishing.is_set():
            portion = [sending for _, sending in zip(range(self._portion), self._sendings, strict=False)]
            if not portion:
                return
            self._send(producer, portion)
            due = max(due + 1 / PORTIONS_PER_SECOND, time.monotonic() - 1)
            self._finishing.wait(max(0.0, due - time.monotonic()))

    @property
    def _portion(self) -> int:
        return max(1, self._per_second() // PORTIONS_PER_SECOND)

    def _send(self, producer: EventProducer, portion: list[Sending]) -> None:
        encoded = [encode(sending.event) for sending in portion]
        for sending, event in zip(portion, encoded, strict=True):
            producer.send(raw_topic_of(str(sending.event["type"])), event)
        producer.flush()
        if self._failures:
            raise RuntimeError(f"the broker did not take an event: {self._failures[0].reason}")
        for sending, event in zip(portion, encoded, strict=True):
            if sending.double:
                self.doubles += 1
            else:
                self.late += sending.late
                (self.rejected if sending.rejected else self.accepted).append(event)
