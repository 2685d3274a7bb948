"""Bytes to JSON values."""

import pytest

from pipeline.events.dead_letter import Reason
from pipeline.events.decode import Decoded, decode
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection

POLICY = IntakePolicy(max_message_bytes=2000, max_event_bytes=100, max_events_per_message=5)


def elements(value: bytes) -> list[object]:
    decoded = decode(value, POLICY)
    assert isinstance(decoded, Decoded)
    return decoded.elements


def test_a_message_holds_one_event_or_an_array_of_them() -> None:
    assert elements(b'{"id": "1"}') == [{"id": "1"}]
    assert elements(b'[{"id": "1"}, 2, []]') == [{"id": "1"}, 2, []]
    assert elements(b"[]") == []
    assert elements(b"7") == [7]


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        (b"", Reason.NOT_JSON, "is empty"),
        (b" \n", Reason.NOT_JSON, "is empty"),
        (b'{"id": "1', Reason.NOT_JSON, "line 1 column 10: the JSON breaks off"),
        (b'{"id": ', Reason.NOT_JSON, "breaks off"),
        (b'{\n"id": NaN}', Reason.NOT_JSON, "line 2 column 7: NaN and Infinity are not JSON"),
        (b"[Infinity]", Reason.NOT_JSON, "NaN and Infinity"),
        (b"[-Infinity]", Reason.NOT_JSON, "NaN and Infinity"),
        (b"[1e999]", Reason.NOT_JSON, "too large"),
        (b"1" + b"0" * 400, Reason.NOT_JSON, "too large"),
        (b'"\xff"', Reason.NOT_JSON, "byte 1 is not UTF-8"),
        (b'"\xed\xa0\x80"', Reason.NOT_JSON, "byte 1 is not UTF-8"),
        (b'"\\ud800"', Reason.NOT_JSON, "mend the sender's encoder"),
        (b"\xef\xbb\xbf{}", Reason.NOT_JSON, "byte order mark"),
        (b"{'id': 1}", Reason.NOT_JSON, "line 1 column 2"),
        (
            b"{}\n{}",
            Reason.NOT_JSON,
            "line 2 column 1: more follows after the JSON",
        ),
        (b"\x1f\x8b\x08\x00", Reason.NOT_JSON, "it is gzipped"),
        (b"[" * 100, Reason.TOO_DEEP, "at most 32 levels"),
        (b"[" * 1500, Reason.TOO_DEEP, "at most 32 levels"),
        (b" " * 2001, Reason.TOO_LARGE, "2001 bytes, at most 2000"),
        (b"[1,2,3,4,5,6]", Reason.TOO_LARGE, "6 events, at most 5"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_the_place_and_the_remedy(
    value: bytes, reason: Reason, words: str
) -> None:
    rejection = decode(value, POLICY)
    assert isinstance(rejection, Rejection)
    assert rejection.reason is reason
    assert words in rejection.detail


def test_small_flat_messages_need_no_second_look() -> None:
    small = decode(b'{"id": "1"}', POLICY)
    large = decode(b'["' + b"x" * 100 + b'"]', POLICY)
    deep = decode(b"[" * 33 + b"]" * 33, POLICY)
    assert isinstance(small, Decoded)
    assert isinstance(large, Decoded)
    assert isinstance(deep, Decoded)
    assert (small.may_be_large, small.may_be_deep) == (False, False)
    assert large.may_be_large
    assert deep.may_be_deep
