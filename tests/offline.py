"""Runs events through the pure core in one process: the intake accepts them, mailboxes receive their mail."""

from collections import deque
from collections.abc import Iterable, Mapping

import orjson

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.messages import Message
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.identity.step import step

POLICY = IdentityPolicy()


def new_intake(secret: bytes) -> Intake:
    """An intake with the shipped catalogue and the default policies."""
    return Intake(Catalogue.load(schema_directories()), POLICY, IntakePolicy(), secret)


def accept(events: Iterable[Mapping[str, object]], now: int, secret: bytes = b"secret") -> list[Event]:
    """The events as the intake accepts them; none may be rejected."""
    intake = new_intake(secret)
    accepted = []
    for event in events:
        family = str(event["type"]).partition(".")[0]
        (outcome,) = intake.take(Record(f"touchpoints.{family}", 0, 0, now, orjson.dumps(event)), now)
        assert isinstance(outcome, Event), outcome
        accepted.append(outcome)
    return accepted


def stitch(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events by customer, once no mail is left."""
    return {name: held for name, box in deliver(events).items() if (held := [touch.event for _, touch in box.held()])}


def deliver(events: Iterable[Event]) -> dict[str, Mailbox]:
    """Every mailbox by its identifier, once no mail is left."""
    boxes: dict[str, Mailbox] = {}
    mail: deque[Message] = deque(message for event in events for message in post(event, POLICY))
    while mail:
        message = mail.popleft()
        mail.extend(step(boxes.setdefault(message.at, Mailbox(message.at)), message, POLICY))
    return boxes
