"""The whole intake of a record."""

import tracemalloc
from hashlib import blake2b

import orjson
import pytest

from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.events.intake_policy import IntakePolicy
from tests.unit.events.samples import NOW, accept, event, intake, page, record, reject, take


def test_an_event_comes_out_as_the_stitch_step_needs_it() -> None:
    identifiers = {"anonymous_id": "a-1", "customer_id": 42, "order_id": "null"}
    assert accept(page(identifiers, status=200, more=1.5)) == Event(
        source="/tests",
        id="e-1",
        type="web.page_viewed",
        time=1_772_359_200_123,
        received_at=NOW,
        identifiers=("customer_id:42", "anonymous_id:a-1"),
        channel="web",
        probe=False,
        digest=int.from_bytes(
            blake2b(
                b'["web.page_viewed",1772359200123,'
                b'{"identifiers":{"anonymous_id":"a-1","customer_id":"42"},"more":1.5,"status":200,"url":"/cart"}]',
                digest_size=8,
            ).digest(),
            "little",
        ),
        data=b'{"identifiers":{"anonymous_id":"a-1","customer_id":"42"},"more":1.5,"status":200,"url":"/cart"}',
    )


def test_every_element_of_an_array_is_judged_alone_and_in_order() -> None:
    elements = [event(id="1"), 7, event(id="2"), event("web.nothing"), event("store.purchased"), event(id="3")]
    outcomes = intake().take(record(orjson.dumps(elements)), NOW)
    assert [outcome.id if isinstance(outcome, Event) else outcome.reason for outcome in outcomes] == [
        "1",
        Reason.NOT_AN_EVENT,
        "2",
        Reason.UNKNOWN_TYPE,
        Reason.WRONG_TOPIC,
        "3",
    ]
    letters = [outcome for outcome in outcomes if isinstance(outcome, DeadLetter)]
    assert [(letter.index, letter.payload) for letter in letters] == [
        (index, orjson.dumps(elements[index])) for index in (1, 3, 4)
    ]


def test_what_does_not_match_is_kept_as_it_was_sent() -> None:
    sent = page({"order_id": " o ", "customer_id": 42, "email": None}, status="200")
    _, letter = intake().take(record(orjson.dumps([event(), sent])), NOW)
    assert isinstance(letter, DeadLetter)
    assert (letter.index, letter.reason) == (1, Reason.INVALID_DATA)
    assert letter.payload == orjson.dumps(sent)


def test_an_event_occupies_little_more_than_its_data() -> None:
    taking = intake()
    value = record(orjson.dumps(page({"customer_id": "42"})))
    tracemalloc.start()
    try:
        kept = [taking.take(value, NOW)[0] for _ in range(100)]
        occupied, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert occupied / len(kept) < 1024


def test_an_empty_array_is_no_event_and_no_rejection() -> None:
    assert intake().take(record(b"[]"), NOW) == []


def test_a_dead_letter_says_where_it_stands_and_what_was_sent() -> None:
    value = b' {"specversion": "1.0", "type": "web.clicked"}'
    assert intake().take(record(value, timestamp=NOW - 7), NOW) == [
        DeadLetter(
            topic="touchpoints.web",
            partition=3,
            offset=17,
            index=0,
            received_at=NOW - 7,
            reason=Reason.NOT_AN_EVENT,
            detail="id: must be a text that is not empty",
            type="web.clicked",
            payload=value,
        )
    ]


def test_a_payload_is_cut_at_its_limit() -> None:
    policy = IntakePolicy(payload_limit=10)
    for value in (b"x" * 50, b'["' + b"x" * 50 + b'"]'):
        (letter,) = intake(policy).take(record(value), NOW)
        assert isinstance(letter, DeadLetter)
        assert len(letter.payload) == 10


def test_the_largest_message_is_kept_whole_for_replay() -> None:
    assert IntakePolicy().payload_limit >= IntakePolicy().max_message_bytes


def test_the_order_of_fields_and_stand_in_times_do_not_change_the_digest() -> None:
    forwards = b'{"identifiers": {"anonymous_id": "a", "customer_id": "c"}, "url": "/", "status": 200}'
    backwards = b'{"status": 200, "url": "/", "identifiers": {"customer_id": "c", "anonymous_id": "a"}}'
    assert accept(event(data=orjson.loads(forwards))) == accept(event(data=orjson.loads(backwards)))
    early, late = accept(event(time=...), timestamp=1000), accept(event(time=...), timestamp=2000)
    assert (early.digest, early.time, late.time) == (late.digest, 1000, 2000)
    assert early.digest != accept(event()).digest


@pytest.mark.parametrize("change", [{"url": "/b"}, {"status": 200}, {"probe": True}, {"identifiers": {"email": "b@c"}}])
def test_copies_that_differ_have_different_digests(change: dict[str, object]) -> None:
    data: dict[str, object] = {"identifiers": {"email": "a@b"}, "url": "/a"}
    assert accept(event(data=data)).digest != accept(event(data={**data, **change})).digest


@pytest.mark.parametrize(
    ("name", "channel", "expected"),
    [("web.clicked", None, "web"), ("web.clicked", "app", "app"), ("store.queue_joined", "phone", "store")],
)
def test_an_event_says_its_channel_only_where_its_schema_lets_it(name: str, channel: str | None, expected: str) -> None:
    data: dict[str, object] = {"identifiers": {"loyalty_id": "L"}, "target": "a"}
    taken = accept(event(name, data if channel is None else {**data, "channel": channel}))
    assert taken.channel == expected


def test_a_probe_says_so_in_a_boolean() -> None:
    assert accept(page({"customer_id": "1"}, probe=True)).probe
    assert not accept(page({"customer_id": "1"}, probe=False)).probe
    for value in ("true", 1, None):
        detail = reject(page({"customer_id": "1"}, probe=value), Reason.INVALID_DATA)
        assert detail == "data.probe: must be true or false"


def test_data_that_do_not_match_name_the_field_and_the_type() -> None:
    detail = reject(page({"customer_id": "1"}, status="200"), Reason.INVALID_DATA)
    assert detail == "data.status: must be an integer; see the schema of web.page_viewed"


def test_nothing_of_what_was_sent_is_in_the_detail() -> None:
    for content in (
        page({"email": ["ada@example.com"]}),
        page({"email": "ada" * 100}),
        page({"email": "ada\n"}, status="ada"),
        page("ada"),
        event(time="ada"),
        event(id="ada" * 100),
    ):
        outcome = take(content)
        assert isinstance(outcome, DeadLetter)
        assert "ada" not in outcome.detail
