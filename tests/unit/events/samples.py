"""Events, records and an intake for the tests of the intake."""

from functools import cache

import orjson

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.identity.policy import IdentityPolicy

NOW = 1_772_409_600_000
"""2026-03-02T00:00:00Z in milliseconds."""
SECRET = b"a secret of the tests"

JsonObject = dict[str, object]


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(schema_directories())


@cache
def intake(policy: IntakePolicy | None = None) -> Intake:
    return Intake(catalogue(), IdentityPolicy(), policy or IntakePolicy(), SECRET)


def event(name: str = "web.page_viewed", data: object = None, **attributes: object) -> JsonObject:
    """A whole event; an attribute given as `...` is left out."""
    content = {"identifiers": {"anonymous_id": "a-1"}, "url": "/cart"} if data is None else data
    whole: JsonObject = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/tests",
        "type": name,
        "time": "2026-03-01T10:00:00.123Z",
        "data": content,
        **attributes,
    }
    return {field: value for field, value in whole.items() if value is not ...}


def page(identifiers: object, **fields: object) -> JsonObject:
    """A page view with these identifiers."""
    return event(data={"identifiers": identifiers, "url": "/cart", **fields})


def record(value: bytes, topic: str = "touchpoints.web", timestamp: int = NOW) -> Record:
    return Record(topic, 3, 17, timestamp, value)


def take(content: object, policy: IntakePolicy | None = None, timestamp: int = NOW) -> Event | DeadLetter:
    """The only outcome of a message that holds one event, sent to its family's topic."""
    name = content.get("type") if isinstance(content, dict) else None
    topic = f"touchpoints.{name.partition('.')[0]}" if isinstance(name, str) else "touchpoints.web"
    outcomes = intake(policy).take(record(orjson.dumps(content), topic, timestamp), NOW)
    assert len(outcomes) == 1
    return outcomes[0]


def accept(content: object, policy: IntakePolicy | None = None, timestamp: int = NOW) -> Event:
    outcome = take(content, policy, timestamp)
    assert isinstance(outcome, Event), outcome
    return outcome


def reject(content: object, reason: Reason, policy: IntakePolicy | None = None) -> str:
    """The detail of a rejection for the expected reason."""
    outcome = take(content, policy)
    assert isinstance(outcome, DeadLetter), outcome
    assert outcome.reason is reason, outcome
    return outcome.detail
