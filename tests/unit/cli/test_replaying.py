"""What becomes of a letter before it is sent again."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime

import orjson
import pytest
from click.testing import CliRunner

from pipeline.adapters.clickhouse.letters import LetterRow
from pipeline.cli.commands import dead_letters
from pipeline.cli.emission import Refused
from pipeline.cli.main import touchline
from pipeline.cli.mending import Mend
from pipeline.cli.replaying import Preparation, Prepared
from tests.unit.events.samples import event, intake


def letter(payload: bytes, topic: str = "touchpoints.web") -> LetterRow:
    received = datetime(2026, 3, 1, tzinfo=UTC)
    return LetterRow("00ff", received, topic, 2, 17, 0, "unknown_type", "", "", 0, None, payload)


def prepared(
    payload: bytes, mend: Mend | None = None, *, checked: bool = True, topic: str = "touchpoints.web"
) -> Prepared:
    found = Preparation(mend or Mend(), intake() if checked else None).prepare(letter(payload, topic))
    assert isinstance(found, Prepared), found
    return found


def refused(payload: bytes, mend: Mend | None = None, *, checked: bool = True, topic: str = "touchpoints.web") -> str:
    found = Preparation(mend or Mend(), intake() if checked else None).prepare(letter(payload, topic))
    assert isinstance(found, Refused), found
    return found.reason


def test_a_good_event_goes_as_it_was_sent() -> None:
    payload = orjson.dumps(event(), option=orjson.OPT_INDENT_2)
    assert prepared(payload).message == payload


def test_an_event_goes_to_the_topic_of_its_family() -> None:
    assert prepared(orjson.dumps(event()), topic="touchpoints.store").topic == "touchpoints.web"


def test_what_the_workers_would_reject_stays_unless_it_is_not_asked() -> None:
    payload = orjson.dumps(event("web.nothing"))
    assert refused(payload).startswith("still unknown_type: ")
    assert prepared(payload, checked=False).message == payload
    assert prepared(payload, Mend(None, [(("type",), "web.page_viewed")])).topic == "touchpoints.web"


@pytest.mark.parametrize(
    ("asked", "event_type"), [(("--everything",), "web.nothing"), (("--everything", "--unchecked"), "nope.x")]
)
def test_what_stays_is_told_whose_check_it_was(
    asked: Sequence[str], event_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [letter(orjson.dumps(event(event_type)))]
    monkeypatch.setattr(dead_letters, "reader", nullcontext)
    monkeypatch.setattr(dead_letters, "whole_letters", lambda *_: [found])
    result = CliRunner().invoke(touchline, ["dead-letters", "replay", "--dry-run", *asked])
    assert (result.exit_code, result.stdout) == (1, "")
    assert ("--unchecked leaves it to them" in result.stderr) == ("--unchecked" not in asked)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"", "not JSON"), (b"{", "not JSON"), (b"7", "JSON object expected"), (b'{"type": "nope.x"}', "no topic")],
)
def test_what_has_no_topic_is_never_sent(payload: bytes, expected: str) -> None:
    assert expected in refused(payload, checked=False)


def test_a_message_of_several_events_stays_whole() -> None:
    payload = orjson.dumps([event(id="1"), event(id="2")])
    assert prepared(payload).message == payload
    assert "still unknown_type" in refused(orjson.dumps([event(), event("web.nothing")]))
    assert "takes no events" in refused(payload, topic="touchline.mail", checked=False)


def test_several_events_cannot_take_the_place_of_one() -> None:
    two = Mend(content=orjson.dumps([event(id="1"), event(id="2")]))
    assert "it was one event" in refused(orjson.dumps(event("web.nothing")), two)
    assert prepared(b"[{", two).message == two.content
