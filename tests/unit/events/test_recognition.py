"""Event types and topics."""

import pytest

from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.recognition import recognise
from pipeline.events.rejection import Rejection
from tests.unit.events.samples import NOW, catalogue, intake, record


def detail(name: str, topic: str = "touchpoints.web") -> tuple[Reason, str]:
    rejection = recognise(name, topic, catalogue().types)
    assert isinstance(rejection, Rejection)
    return rejection.reason, rejection.detail


def test_a_known_type_on_its_topic_is_recognised() -> None:
    found = recognise("web.clicked", "touchpoints.web", catalogue().types)
    assert found is catalogue().types["web.clicked"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "web.page_viewd",
            "type: 'web.page_viewd' is not in the catalogue. Did you mean web.page_viewed? Else add a schema for it",
        ),
        (
            "web.Clicked",
            "type: 'web.Clicked' is not in the catalogue. Did you mean web.clicked? Else add a schema for it",
        ),
        ("web.group_joined", "type: 'web.group_joined' is not in the catalogue: add a schema for it, or mend its name"),
        ("nonsense", "type: 'nonsense' is not in the catalogue: add a schema for it, or mend its name"),
        ("x" * 70, f"type: '{'x' * 64}…' is not in the catalogue: add a schema for it, or mend its name"),
        ("\x00", "type: '\\x00' is not in the catalogue: add a schema for it, or mend its name"),
    ],
)
def test_an_unknown_type_is_rejected_by_name(name: str, expected: str) -> None:
    assert detail(name) == (Reason.UNKNOWN_TYPE, expected)


@pytest.mark.parametrize("topic", ["touchpoints.store", "touchpoints.", "web", "", "touchpoints.web.retry"])
def test_a_type_on_another_topic_is_told_its_own(topic: str) -> None:
    expected = "type: web.clicked belongs on the topic touchpoints.web: send it there"
    assert detail("web.clicked", topic) == (Reason.WRONG_TOPIC, expected)


def test_the_type_of_a_dead_letter_is_cut() -> None:
    value = b'{"type": "' + b"x" * 1000 + b'"}'
    (letter,) = intake().take(record(value), NOW)
    assert isinstance(letter, DeadLetter)
    assert letter.type == "x" * 128
