"""Whether the simulated retailer shows every friction there is, to its owners and to the stitched eye."""

from collections import Counter, defaultdict, deque

import orjson
import pytest

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
from pipeline.journeys.fold import fold
from pipeline.journeys.rules import Rules
from pipeline.simulator.shapes import DAY
from pipeline.simulator.simulate import simulate

START = 1_772_323_200_000
POLICY = IdentityPolicy()
Groups = dict[str, list[Event]]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(schema_directories())


def accepted(catalogue: Catalogue, people: int) -> list[tuple[str, Event]]:
    """The events of a day as the intake takes them, each with the person behind it."""
    intake, now = Intake(catalogue, POLICY, IntakePolicy(), b"secret"), START + DAY
    found = []
    for simulated in simulate(1, people, START):
        family = str(simulated.event["type"]).partition(".")[0]
        record = Record(f"touchpoints.{family}", 0, 0, now, orjson.dumps(simulated.event))
        (event,) = intake.take(record, now)
        assert isinstance(event, Event), event
        found.append((simulated.person, event))
    return found


def stitched(events: list[Event]) -> Groups:
    """The events by customer, as the mailboxes settle."""
    boxes: dict[str, Mailbox] = {}
    mail: deque[Message] = deque(message for event in events for message in post(event, POLICY))
    while mail:
        message = mail.popleft()
        mail.extend(step(boxes.setdefault(message.at, Mailbox(message.at)), message, POLICY))
    return {name: [touch.event for touch in box.held()] for name, box in boxes.items()}


def kinds(groups: Groups, catalogue: Catalogue) -> Counter[str]:
    rules = Rules.of()
    folded = [fold(name, events, START + DAY, catalogue.touchpoints, rules) for name, events in groups.items()]
    return Counter(friction.kind for one in folded for friction in one.frictions)


@pytest.mark.parametrize("people", [60, 800])
def test_every_friction_occurs_in_a_day(catalogue: Catalogue, people: int) -> None:
    day = accepted(catalogue, people)
    truth: Groups = defaultdict(list)
    for person, event in day:
        truth[person].append(event)
    every = set(Rules.of().detectors.kinds)
    assert every <= set(kinds(truth, catalogue))
    assert every <= set(kinds(stitched([event for _, event in day]), catalogue))


def test_stitching_puts_nearly_all_events_with_one_person(catalogue: Catalogue) -> None:
    day = accepted(catalogue, 800)
    person_of = {event.key: person for person, event in day}
    pure = sum(
        len(events)
        for events in stitched([event for _, event in day]).values()
        if len({person_of[event.key] for event in events}) == 1
    )
    assert pure > 0.95 * len(day)
