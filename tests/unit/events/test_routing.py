"""The topic of an event."""

import pytest

from pipeline.events.routing import Unroutable, topic_of


def test_the_first_segment_of_the_type_names_the_topic() -> None:
    assert topic_of({"type": "delivery.scanned"}) == "touchpoints.delivery"
    assert topic_of({"type": "web"}) == "touchpoints.web", "the workers say that there is no such type"


@pytest.mark.parametrize(
    ("event", "field", "said"),
    [
        ([], "", "found an array"),
        (None, "", "found null"),
        ({}, "type", "`type` is missing"),
        ({"type": 3}, "type", "`type` is missing"),
        ({"type": "suport.ticket_opened"}, "type", "did you mean the family 'support'?"),
        ({"type": "qqq"}, "type", "its first part must be one of web, "),
    ],
)
def test_what_has_no_topic_says_why(event: object, field: str, said: str) -> None:
    found = topic_of(event)
    assert isinstance(found, Unroutable)
    assert found.field == field
    assert said in found.detail


def test_a_long_type_is_cut_in_what_is_said() -> None:
    found = topic_of({"type": "x" * 10_000})
    assert isinstance(found, Unroutable)
    assert len(found.detail) < 300
