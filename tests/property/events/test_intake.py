"""Properties of the intake: total, order-preserving, and blind to how JSON is written."""

import json
from random import Random

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.dead_letter import DeadLetter, decode, encode
from pipeline.events.event import Event
from pipeline.identity.policy import DEFAULT_NAMESPACES
from tests.property.events.garble import samples
from tests.unit.events.samples import NOW, intake, record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
TOPICS = st.sampled_from([sample.topic for sample in samples()]) | st.text()
EVENTS = st.sampled_from([orjson.loads(sample.text) for sample in samples()])


def dumps(value: object) -> bytes:
    """JSON with surrogates and numbers of any size, as a careless sender writes it."""
    return json.dumps(value).encode()


def well_formed(outcomes: list[Event | DeadLetter]) -> bool:
    """Whether each outcome can go on: to the stitch step, or to the topic of dead letters and back."""
    for outcome in outcomes:
        if isinstance(outcome, Event):
            assert all(identifier.partition(":")[0] in DEFAULT_NAMESPACES for identifier in outcome.identifiers)
            assert outcome.identifiers
            assert 0 <= outcome.time <= NOW + 300_000
            assert 0 <= outcome.digest < 2**64
        else:
            assert outcome.detail
            assert decode(encode([outcome]))[0].detail == outcome.detail
    return True


@given(st.binary(), TOPICS, st.integers())
def test_any_bytes_have_an_outcome(value: bytes, topic: str, timestamp: int) -> None:
    assert well_formed(intake().take(record(value, topic, timestamp), NOW))


@given(JSON, TOPICS)
def test_any_json_has_an_outcome(value: object, topic: str) -> None:
    outcomes = intake().take(record(dumps(value), topic), NOW)
    assert well_formed(outcomes)
    if isinstance(value, list) and len(outcomes) != len(value):
        assert len(outcomes) == 1  # could not be read at all


@given(EVENTS, st.data())
def test_an_event_with_any_field_changed_has_one_outcome(event: dict[str, object], data: st.DataObject) -> None:
    content = event["data"]
    assert isinstance(content, dict)
    field = data.draw(st.sampled_from([*event, *content]))
    value = data.draw(JSON)
    changed = {**event, field: value} if field in event else {**event, "data": {**content, field: value}}
    outcomes = intake().take(record(dumps(changed), f"touchpoints.{str(event['type']).partition('.')[0]}"), NOW)
    assert len(outcomes) == 1
    assert well_formed(outcomes)


@given(st.lists(st.booleans() | JSON, max_size=12))
def test_outcomes_stand_in_the_order_of_the_message(elements: list[object]) -> None:
    good = orjson.loads(samples()[-1].text)
    message = [{**good, "id": f"e{place}"} if element is True else element for place, element in enumerate(elements)]
    outcomes = intake().take(record(dumps(message), samples()[-1].topic), NOW)
    if len(outcomes) != len(elements):
        assert len(outcomes) == 1
        return
    for place, (element, outcome) in enumerate(zip(elements, outcomes, strict=True)):
        if element is True:
            assert isinstance(outcome, Event)
            assert outcome.id == f"e{place}"
        else:
            assert isinstance(outcome, DeadLetter)
            assert outcome.index == place


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_fields_changes_nothing(event: dict[str, object], rng: Random) -> None:
    topic = f"touchpoints.{str(event['type']).partition('.')[0]}"
    straight = intake().take(record(orjson.dumps(event), topic), NOW)
    assert intake().take(record(orjson.dumps(shuffled(event, rng)), topic), NOW) == straight
    assert intake().take(record(orjson.dumps([event]), topic), NOW) == straight


def shuffled(value: object, rng: Random) -> object:
    """The same JSON with the fields of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(child, rng) for child in value]
    if not isinstance(value, dict):
        return value
    fields = [(name, shuffled(child, rng)) for name, child in value.items()]
    rng.shuffle(fields)
    return dict(fields)


@given(EVENTS, st.emails(), st.text("0123456789", min_size=6, max_size=15))
def test_no_email_or_phone_number_is_in_what_goes_on(event: dict[str, object], email: str, phone: str) -> None:
    content = event["data"]
    assert isinstance(content, dict)
    identifiers = {**content["identifiers"], "email": email, "phone": f"+1{phone}"}
    topic = f"touchpoints.{str(event['type']).partition('.')[0]}"
    changed = {**event, "data": {**content, "identifiers": identifiers}}
    (outcome,) = intake().take(record(orjson.dumps(changed), topic), NOW)
    assert isinstance(outcome, Event)
    assert email.lower().encode() not in outcome.data.lower()
    assert f"phone:+1{phone}" not in outcome.identifiers
    assert f'"+1{phone}"'.encode() not in outcome.data
