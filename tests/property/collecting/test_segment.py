"""Whatever a call of Segment's holds, it becomes an event or is said to be none, and nothing is raised."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.collecting.segment import CALLS, Translation, calls_of, event_of, events_of
from pipeline.collecting.segment_types import DEFAULT_TYPES, snake_case, type_of_track
from pipeline.collecting.sorting import sort_events
from pipeline.events.intake import Intake
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.record import Record
from pipeline.events.routing import Unroutable
from pipeline.identity.policy import DEFAULT_NAMESPACES, IdentityPolicy

NOW = 1_772_359_200_000
TRANSLATION = Translation(DEFAULT_NAMESPACES.keys(), lambda: "new", DEFAULT_TYPES)
INTAKE = Intake(Catalogue.load(schema_directories(())), IdentityPolicy(), IntakePolicy(), b"0123456789abcdef")

text = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=12,
)
KEYS = (
    "type", "event", "name", "userId", "anonymousId", "previousId", "groupId", "messageId", "timestamp", "sentAt",
    "originalTimestamp", "traits", "properties", "context", "writeKey",
)  # fmt: skip
INNER = (
    "email",
    "order_id",
    "orderId",
    "products",
    "items",
    "total",
    "url",
    "page",
    "device",
    "id",
    "identifiers",
    "path",
)
parts = json | st.dictionaries(st.sampled_from(INNER), json | st.dictionaries(st.sampled_from(INNER), json, max_size=3))
times = st.sampled_from(["2026-03-01T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-01-01", ""])
kinds = st.sampled_from(CALLS)
calls = st.dictionaries(st.sampled_from(KEYS), parts | times | kinds, max_size=len(KEYS)) | json


@given(calls, kinds | st.just(""))
def test_a_call_becomes_an_event_or_is_said_to_be_none(call: object, kind: str) -> None:
    found = event_of(call, kind, "/segment", NOW, TRANSLATION)
    if isinstance(found, Unroutable):
        assert found.detail
        assert not (kind and isinstance(call, dict)), "of a known kind, every object becomes an event"
        return
    assert isinstance(found["id"], str)
    assert found["id"]
    (pack,) = sort_events([found]).packs
    assert pack.topic in {f"touchpoints.{family}" for family in ("web", "feedback", "marketing", "delivery")}


@given(calls, kinds)
def test_the_same_call_becomes_the_same_event(call: object, kind: str) -> None:
    copy = orjson.loads(orjson.dumps(call))
    assert event_of(copy, kind, "/s", NOW, TRANSLATION) == event_of(call, kind, "/s", NOW, TRANSLATION)
    assert copy == orjson.loads(orjson.dumps(call)), "and stays as it was"


@given(st.lists(calls, max_size=4))
def test_the_workers_judge_whatever_comes_of_a_batch(batch: list[object]) -> None:
    found = calls_of({"batch": batch})
    assert not isinstance(found, Unroutable)
    result = sort_events(events_of(found, "", "/segment", NOW, TRANSLATION))
    judged = [
        outcome for pack in result.packs for outcome in INTAKE.take(Record(pack.topic, 0, 0, NOW, pack.message), NOW)
    ]
    assert len(judged) + len(result.refused) == len(batch)


@given(text)
def test_every_name_has_a_type_and_types_have_themselves(name: str) -> None:
    event_type = type_of_track(name, DEFAULT_TYPES)
    assert event_type.partition(".")[0] in {"web", "feedback", "marketing", "delivery", "store", "support", "product"}
    assert snake_case(snake_case(name)) == snake_case(name)
