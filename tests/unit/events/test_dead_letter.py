"""Dead letters on their topic."""

import orjson
import pytest

from pipeline.events.dead_letter import DeadLetter, DeadLetterFormatError, Reason, decode, encode

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
    assert orjson.loads(encode(LETTER)) == {
        "topic": "touchpoints.web",
        "partition": 3,
        "offset": 17,
        "index": 2,
        "received_at": 1_772_409_600_000,
        "reason": "bad_time",
        "detail": "time: must be …",
        "type": "web.clicked",
        "payload": '{"id": "číslo"}',
    }


@pytest.mark.parametrize("payload", [b"", b"text", b"\x00", b"\xff\xfe", "č".encode()[:1], bytes(range(256))])
def test_whatever_was_sent_comes_back(payload: bytes) -> None:
    changed = DeadLetter(**{**{name: getattr(LETTER, name) for name in LETTER.__struct_fields__}, "payload": payload})
    assert decode(encode(changed)) == changed


def test_a_payload_that_is_no_text_is_marked() -> None:
    changed = DeadLetter(**{**{name: getattr(LETTER, name) for name in LETTER.__struct_fields__}, "payload": b"\xff"})
    fields = orjson.loads(encode(changed))
    assert fields["payload_base64"] == "/w=="
    assert "payload" not in fields


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        encode(LETTER)[:-1],
        encode(LETTER).replace(b'"bad_time"', b'"worse_time"'),
        encode(LETTER).replace(b'"offset":17', b'"offset":"17"'),
        encode(LETTER).replace(b'"payload"', b'"payload_base64"'),
        encode(LETTER).replace(b'"payload"', b'"content"'),
    ],
)
def test_something_else_is_no_dead_letter(record: bytes) -> None:
    with pytest.raises(DeadLetterFormatError):
        decode(record)
