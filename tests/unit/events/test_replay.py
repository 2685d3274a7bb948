"""Rejected messages that are sent again."""

import msgspec
import orjson
import pytest

from pipeline.events.dead_letter import NO_POSITION, DeadLetter
from pipeline.events.event import Event
from pipeline.events.record import Record
from pipeline.events.replay import HEADER, Replay, read_replay, replay_header
from tests.unit.events.samples import NOW, event, intake

REPLAY = Replay("touchpoints.store", 2, 17, 4, NOW - 86_400_000, 1)
LETTER_KEY = ("touchpoints.store", 2, 17, 4, NOW - 86_400_000)


def replayed(content: object) -> list[Event | DeadLetter]:
    return intake().take(Record("touchpoints.web", 0, 900, NOW, orjson.dumps(content), REPLAY), NOW)


def key(letter: Event | DeadLetter) -> tuple[str, int, int, int, int]:
    assert isinstance(letter, DeadLetter)
    return letter.topic, letter.partition, letter.offset, letter.index, letter.received_at


def test_the_header_comes_back() -> None:
    name, value = replay_header(REPLAY)
    assert name == HEADER
    assert read_replay([("traceparent", b"00-1"), (name, value)]) == REPLAY


@pytest.mark.parametrize(
    "change",
    [
        {"topic": ""},
        {"topic": "x" * 250},
        {"partition": -2},
        {"partition": 2**31},
        {"offset": -1},
        {"offset": 2**63},
        {"index": 2**31},
        {"received_at": -1},
        {"received_at": 2**50},
        {"attempt": 0},
        {"attempt": 2**32},
    ],
)
def test_a_header_that_no_letter_could_have_is_none(change: dict[str, object]) -> None:
    forged = msgspec.structs.replace(REPLAY, **change)
    assert read_replay([replay_header(forged)]) is None


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\xff", b"[1]"])
def test_a_header_of_another_kind_is_none(value: bytes | None) -> None:
    assert read_replay([(HEADER, value)]) is None


def test_what_is_rejected_again_is_the_same_letter() -> None:
    (letter,) = replayed(event("web.nothing"))
    assert key(letter) == LETTER_KEY
    assert isinstance(letter, DeadLetter)
    assert (letter.replays, letter.reason) == (1, "unknown_type")


def test_a_message_that_was_mended_into_several_events_gives_letters_that_differ() -> None:
    outcomes = replayed([event(id="1"), event("web.nothing"), 7])
    assert isinstance(outcomes[0], Event)
    assert [key(letter) for letter in outcomes[1:]] == [
        (*LETTER_KEY[:3], 5, LETTER_KEY[4]),
        (*LETTER_KEY[:3], 6, LETTER_KEY[4]),
    ]


def test_an_event_without_a_time_happened_when_it_was_first_received() -> None:
    (accepted,) = replayed(event(time=...))
    assert isinstance(accepted, Event)
    on_time = intake().take(Record("touchpoints.web", 0, 1, NOW - 86_400_000, orjson.dumps(event(time=...))), NOW)[0]
    assert msgspec.structs.replace(accepted, received_at=NOW - 86_400_000) == on_time
    assert accepted.received_at == NOW


def test_an_event_with_a_time_keeps_it() -> None:
    (accepted,) = replayed(event())
    assert isinstance(accepted, Event)
    assert accepted.time == 1_772_359_200_123


def test_a_first_receipt_later_than_this_one_is_not_believed() -> None:
    forged = msgspec.structs.replace(REPLAY, received_at=NOW + 10**9)
    (accepted,) = intake().take(Record("touchpoints.web", 0, 1, NOW, orjson.dumps(event(time=...)), forged), NOW)
    assert isinstance(accepted, Event)
    assert accepted.time == NOW


def test_what_was_to_be_stored_is_not_hidden_a_second_time() -> None:
    card = {"amount": 5, "currency": "EUR", "card_fingerprint": "a card"}
    bought = event("store.purchased", {"identifiers": {"email": "ada@example.com"}, **card})
    topic = "touchpoints.store"
    (first,) = intake().take(Record(topic, 0, 1, NOW, orjson.dumps(bought)), NOW)
    assert isinstance(first, Event)
    as_stored = orjson.dumps({**bought, "data": orjson.loads(first.data)})
    refused = msgspec.structs.replace(REPLAY, partition=NO_POSITION)
    (again,) = intake().take(Record(topic, 0, 2, NOW, as_stored, refused), NOW)
    assert again == first
