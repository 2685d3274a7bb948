"""Where a line of NDJSON goes, or why it cannot go anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.emission import Refused, Routed, route


def test_the_family_of_the_type_names_the_topic() -> None:
    line = b' {"type": "delivery.scanned", "id": "1"}\r\n'
    assert route(line) == Routed("touchpoints.delivery", b'{"type": "delivery.scanned", "id": "1"}')
    assert route(b"\xef\xbb\xbf" + line) == route(line)


@pytest.mark.parametrize("line", [b"", b"\n", b"  \r\n"])
def test_empty_lines_are_nothing(line: bytes) -> None:
    assert route(line) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"type": "web.x"', "column 17: the JSON breaks off: the rest is missing"),
        (b'{"a": "\xe9"}', "byte 7 is not UTF-8: encode it as UTF-8"),
        (b'{"a": NaN}', "column 7: NaN and Infinity are not JSON: leave the field out"),
        (b"[" * 2000, "nested too deeply"),
        (b"[]", "a JSON object expected for each event; found an array"),
        (b"3", "a JSON object expected for each event; found a number"),
        (b"null", "a JSON object expected for each event; found null"),
        (b"{}", "`type` is missing"),
        (b'{"type": 3}', "`type` is missing"),
        (b'{"type": "webb.page_viewed"}', "did you mean the family 'web'?"),
        (b'{"type": "qqq"}', "its first part must be one of web, delivery"),
    ],
)
def test_refusals_say_why(line: bytes, reason: str) -> None:
    refused = route(line)
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert not refused.reason.startswith("line")


@given(st.binary(max_size=200))
def test_whatever_the_bytes_nothing_is_raised(line: bytes) -> None:
    assert route(line) is None or isinstance(route(line), Refused)
