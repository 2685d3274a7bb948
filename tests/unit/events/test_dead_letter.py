"""Dead letters on their topic."""

import msgspec
import orjson
import pytest

from pipeline.events.dead_letter import PAYLOAD_SHOWN, DeadLetter, DeadLetterFormatError, Reason, decode, encode

LETTER = DeadLetter(
    topic="touchpoints.web",
    partition=3,
    offset=17,
    index=2,
    received_at=1_772_409_600_000,
    reason=Reason.BAD_TIME,
    detail="time: must be …",
    type="web.clicked",
    payload='{"id": "číslo"}'.encode(),
)


def test_a_dead_letter_is_json_that_a_person_can_read() -> None:
    assert orjson.loads(encode([LETTER])) == [
        {
            "topic": "touchpoints.web",
            "partition": 3,
            "offset": 17,
            "index": 2,
            "received_at": 1_772_409_600_000,
            "reason": "bad_time",
            "detail": "time: must be …",
            "type": "web.clicked",
            "payload": '{"id": "číslo"}',
            "replays": 0,
        }
    ]


def test_what_was_written_can_be_read() -> None:
    letters = [LETTER, msgspec.structs.replace(LETTER, index=3, replays=2, payload=b"")]
    assert decode(encode(letters)) == letters
    assert decode(encode([])) == []


def test_payloads_are_shown_as_text_and_shortened() -> None:
    (shown,) = decode(encode([msgspec.structs.replace(LETTER, payload=b"\xff" + b"x" * 10_000)]))
    assert shown.payload.decode() == "\N{REPLACEMENT CHARACTER}" + "x" * (PAYLOAD_SHOWN - 1)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{}",
        b"[3]",
        b"\xff",
        encode([LETTER])[:-1],
        encode([LETTER]).replace(b'"bad_time"', b'"worse_time"'),
        encode([LETTER]).replace(b'"offset":17', b'"offset":"17"'),
        encode([LETTER]).replace(b'"payload"', b'"content"'),
    ],
)
def test_something_else_is_no_dead_letter(record: bytes) -> None:
    with pytest.raises(DeadLetterFormatError):
        decode(record)
