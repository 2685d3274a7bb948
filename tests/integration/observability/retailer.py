"""A simulated day of a small retailer, stitched into a store without broker or workers."""

import orjson

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.topics import raw_topic
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.identity.messages import Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.journeys.rules import Rules
from pipeline.simulator.event import SimulatedEvent
from pipeline.simulator.shapes import DAY
from pipeline.simulator.simulate import simulate
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.store import Store

PEOPLE = 500
"""Enough people that no panel is empty, whatever the time of day."""


def simulated(now: int) -> list[SimulatedEvent]:
    """The day that ends at `now`, with the truth about it."""
    return list(simulate(7, PEOPLE, now - DAY))


def take_in(catalogue: Catalogue, now: int) -> tuple[list[Event], list[DeadLetter]]:
    """The events of the day that ends at `now`, and the dead letter of an invalid message."""
    intake = Intake(catalogue, IdentityPolicy(), IntakePolicy(), b"a key for tests")
    accepted: list[Event] = []
    rejected: list[DeadLetter] = []
    values = [orjson.dumps(one.event) for one in simulated(now)]
    for offset, value in enumerate([*values, b"not an event"]):
        family = orjson.loads(value)["type"].partition(".")[0] if offset < len(values) else "web"
        for outcome in intake.take(Record(raw_topic(family), 0, offset, now, value), now):
            if isinstance(outcome, Event):
                accepted.append(outcome)
            else:
                rejected.append(outcome)
    return accepted, rejected


async def stitch(store: Store, events: list[Event], now: int) -> None:
    """Stitch the events, and process all the mail that results from them."""
    catalogue = Catalogue.load(schema_directories())
    policy = IdentityPolicy()
    stitcher = Stitcher(store, catalogue.touchpoints, policy, Rules.of(), 1)
    await stitcher.assign([0])
    mail: list[Message] = [message for event in events for message in post(event, policy)]
    while mail:
        batch = await stitcher.process({0: mail}, now)
        await stitcher.save(batch)
        mail = batch.outgoing
