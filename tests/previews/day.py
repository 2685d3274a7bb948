"""Plays a simulated day of a retailer through a stack in minutes, and reads its metrics meanwhile."""

import re
import time
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.adapters.broker.producer import EventProducer
from pipeline.catalogue.topics import raw_topic
from pipeline.simulator.event import Json, SimulatedEvent
from pipeline.simulator.policy import RetailerPolicy
from pipeline.simulator.shapes import DAY, HOUR, MINUTE
from pipeline.simulator.simulate import simulate
from tests.servers.metrics import exposition
from tests.servers.stack import StackProcess

STEP = 2 * MINUTE
"""Simulated time between two readings of the metrics."""
PAUSE_SECONDS = 0.7
"""Real time that a step takes."""
PLAY_SECONDS = PAUSE_SECONDS * (DAY // STEP)
PEOPLE = 1_200
PEOPLE_OF_THE_PAST = 100
"""People whose journeys ended weeks ago, so that some are closed; only those who browsed or bought in a store count."""
FAULTY = (
    b"not an event",
    b'{"specversion":"1.0","id":"f-%d","source":"/shop/web","type":"web.page_viewed",'
    b'"data":{"identifiers":{"anonymous_id":"a-1"},"url":"/cart","status":"ok"}}',
    b'{"specversion":"1.0","id":"f-%d","source":"/shop/web","type":"web.page_viewed","data":{"url":"/cart"}}',
)
"""What a broken release of the shop sends: now and then, and all the time in `BROKEN_HOURS` of the retailer's clock."""
BROKEN_HOURS = range(15, 16)
LAST_HOUR = 16
"""The day ends when it is this hour where the retailer is, whatever the hour here: at night there is little to see."""
PER_REQUEST = 20


class Reading(NamedTuple):
    """What a worker exposed at a moment of the simulated day, in seconds since the epoch."""

    moment: float
    exposition: str


def play(stack: StackProcess, until: int) -> Iterator[Reading]:
    """Play the day that ends at `until` (milliseconds since the epoch, UTC), and read the metrics at every step."""
    offset = (LAST_HOUR - _hour(until)) % 24
    policy = RetailerPolicy(utc_offset_hours=offset)
    events = [(one.deliver_at, one.event) for one in simulate(7, PEOPLE, until - DAY, policy=policy)]
    past = _browsers(list(simulate(8, PEOPLE_OF_THE_PAST, until - 75 * DAY)))
    position = sum(at <= until - DAY for at, _ in events)
    stack.send(event for _, event in events[:position])  # events from before the day begins
    stack.settle()
    began = time.monotonic()
    for number in range(DAY // STEP + 1):
        moment = until - DAY + number * STEP
        batch = []
        while position < len(events) and events[position][0] <= moment:
            batch.append(events[position][1])
            position += 1
        _send(stack, [*batch, *past[number :: DAY // STEP + 1]])
        if number % 90 == 40 or _hour(moment + offset * HOUR) in BROKEN_HOURS:
            _send_faulty(stack, number)
        time.sleep(max(0.0, began + number * PAUSE_SECONDS - time.monotonic()))
        yield Reading(moment / 1000, _read(stack, moment / 1000))
    stack.settle()


def _hour(moment: int) -> int:
    return time.gmtime(moment // 1000).tm_hour


def _send(stack: StackProcess, events: list[dict[str, Json]]) -> None:
    """Send web events to the collector, all others to the broker."""
    web = [event for event in events if str(event["type"]).startswith("web.")]
    for start in range(0, len(web), PER_REQUEST):
        stack.post(web[start : start + PER_REQUEST])
    stack.send(event for event in events if not str(event["type"]).startswith("web."))


def _browsers(simulated: list[SimulatedEvent]) -> list[dict[str, Json]]:
    """The events of people without online orders and support contacts: no promise to them was broken since."""
    busy = {
        one.person for one in simulated if str(one.event["type"]).startswith(("delivery.", "support.", "web.order"))
    }
    return [one.event for one in simulated if one.person not in busy]


def _send_faulty(stack: StackProcess, number: int) -> None:
    stack.post([{"specversion": "1.0", "id": f"f-{number}", "source": "/shop/web"}])
    with EventProducer(stack.servers) as producer:
        value = FAULTY[number % len(FAULTY)]
        producer.send(raw_topic("web"), value % number if b"%d" in value else value)


def _read(stack: StackProcess, moment: float) -> str:
    """The exposition, with its timestamps shifted to the simulated day."""
    (worker,) = stack.worker_urls
    text = exposition(worker)
    late = time.time() - moment

    def shifted(match: re.Match[str]) -> str:
        value = float(match[2])
        return f"{match[1]} {value - late if value else 0.0}"

    return re.sub(r"^(\w+_timestamp_seconds(?:\{.*\})?) (\S+)$", shifted, text, flags=re.MULTILINE)
