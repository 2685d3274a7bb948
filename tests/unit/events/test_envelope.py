"""The attributes of CloudEvents."""

import pytest

from pipeline.events.dead_letter import Reason
from tests.unit.events.samples import accept, event, reject


@pytest.mark.parametrize("element", [None, 7, "text", True, 1.5, [event()]])
def test_an_event_is_an_object(element: object) -> None:
    detail = reject([element] if isinstance(element, list) else element, Reason.NOT_AN_EVENT)
    assert "must be a JSON object" in detail


@pytest.mark.parametrize(
    ("attribute", "value", "detail"),
    [
        ("specversion", ..., 'specversion: must be "1.0"'),
        ("specversion", "0.3", 'specversion: must be "1.0"'),
        ("specversion", 1.0, 'specversion: must be "1.0"'),
        ("id", ..., "id: must be a text that is not empty"),
        ("id", "", "id: must be a text that is not empty"),
        ("id", 7, "id: must be a text"),
        ("id", "x" * 257, "id: has 257 characters, at most 256"),
        ("id", "a\nb", "id: must not hold control characters"),
        ("source", None, "source: must be a text"),
        ("source", "x" * 513, "source: has 513 characters, at most 512"),
        ("source", "\x85", "source: must not hold control characters"),
        ("type", ..., "type: must be the name"),
        ("type", "", "type: must be the name"),
        ("type", ["web.clicked"], "type: must be the name"),
        ("data", ..., "data: must be a JSON object"),
        ("data", "{}", "data: must be a JSON object"),
        ("data", [], "data: must be a JSON object"),
    ],
)
def test_required_attributes_are_checked(attribute: str, value: object, detail: str) -> None:
    element = {field: kept for field, kept in {**event(), attribute: value}.items() if kept is not ...}
    assert reject(element, Reason.NOT_AN_EVENT).startswith(detail)


def test_binary_data_are_not_read() -> None:
    detail = reject(event(data_base64="e30=", data=...), Reason.NOT_AN_EVENT)
    assert detail == "data: data_base64 is not read: must be a JSON object"


def test_other_attributes_are_ignored() -> None:
    assert accept(event(subject=5, traceparent="00-1", datacontenttype="application/json")) == accept(event())


def test_ids_may_hold_any_script() -> None:
    taken = accept(event(id="číslo 7\u200d", source="/магазин"))
    assert (taken.id, taken.source) == ("číslo 7\u200d", "/магазин")
