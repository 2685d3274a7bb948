"""Mending what was rejected."""

import orjson
import pytest

from pipeline.cli.emission import Refused
from pipeline.cli.mending import Mend, parse_assignment, parse_path

PAYLOAD = b'{ "type": "web.x", "data": {"amount": "12"}}'


def mended(mend: Mend, payload: bytes = PAYLOAD) -> object:
    changed = mend.apply(payload)
    assert isinstance(changed, bytes), changed
    return orjson.loads(changed)


def test_without_a_change_the_bytes_stay() -> None:
    assert Mend().apply(b"\xff{") == b"\xff{"
    assert Mend(content=b"{ }").apply(PAYLOAD) == b"{ }"


def test_fields_are_set_and_taken_away_at_any_depth() -> None:
    mend = Mend(
        None, [(("data", "amount"), 12), (("data", "identifiers", "order_id"), "7")], [("type",), ("no", "such")]
    )
    assert mended(mend) == {"data": {"amount": 12, "identifiers": {"order_id": "7"}}}


def test_a_given_content_can_be_mended_too() -> None:
    assert mended(Mend(b'{"id": 1}', [(("id",), "1")]), b"not json") == {"id": "1"}


@pytest.mark.parametrize(
    ("payload", "path", "expected"),
    [
        (b"{", ("id",), "not JSON"),
        (b"[{}]", ("id",), "not one event"),
        (PAYLOAD, ("type", "x"), "type holds no fields"),
    ],
)
def test_what_cannot_be_set_is_refused(payload: bytes, path: tuple[str, ...], expected: str) -> None:
    refused = Mend(None, [(path, 1)]).apply(payload)
    assert isinstance(refused, Refused)
    assert expected in refused.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.amount=12.5", 12.5),
        ("data.amount=twelve", "twelve"),
        ('data.amount="12"', "12"),
        ("data.amount=", ""),
        ("data.amount=a=b", "a=b"),
        ("data.amount=null", None),
    ],
)
def test_a_value_is_json_where_it_can_be(text: str, value: object) -> None:
    assert parse_assignment(text) == (("data", "amount"), value)


@pytest.mark.parametrize("written", ["1.0", '"1.0"'])
def test_a_value_is_a_text_where_nothing_else_can_be(written: str) -> None:
    assert parse_assignment(f"specversion={written}") == (("specversion",), "1.0")


@pytest.mark.parametrize("text", ["data.amount", "=1", "data..amount=1", ""])
def test_no_assignment(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_assignment(text)
    with pytest.raises(ValueError, match="expected"):
        parse_path("a..b")


def test_what_is_nested_too_deeply_is_refused() -> None:
    payload = b'{"type": "web.x", "data": ' + b"[" * 400 + b"]" * 400 + b"}"
    refused = Mend(None, [(("type",), "web.y")]).apply(payload)
    assert isinstance(refused, Refused)
    assert "too deeply" in refused.reason
