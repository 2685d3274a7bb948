"""Lines of `touchline tail`."""

import orjson

from pipeline.cli.lines import event_lines, rejection_lines
from pipeline.events.dead_letter import DeadLetter, Reason, encode
from pipeline.events.record import Record

EVENT = {
    "type": "web.page_viewed",
    "source": "/shop",
    "time": "2026-03-01T10:00:00Z",
    "data": {"identifiers": {"email": "ann@example.org", "order_id": "7"}},
}


DEEP = b'{"type": "web.x", "data": ' + b"[" * 400 + b"]" * 400 + b"}"


def record(value: bytes, topic: str = "touchpoints.web") -> Record:
    return Record(topic, 0, 5, 1_772_359_200_000, value)


def test_an_array_gives_a_line_per_event_with_hidden_namespaces_masked() -> None:
    lines = list(event_lines(record(orjson.dumps([EVENT, EVENT])), as_json=False, hidden={"email"}))
    assert len(lines) == 2
    assert lines[0].split() == ["2026-03-01T10:00:00Z", "web.page_viewed", "/shop", "email:***", "order_id:7"]


def test_json_is_the_whole_event() -> None:
    (line,) = event_lines(record(orjson.dumps(EVENT)), as_json=True, hidden={"email"})
    assert orjson.loads(line) == EVENT


def test_a_marker_has_no_lines() -> None:
    assert list(event_lines(record(b"[]"), as_json=False, hidden=())) == []


def test_whatever_is_sent_gets_a_line() -> None:
    for value in (b"\xff{", b"3", b'["x"]', b'[{"data": {"identifiers": 3}}]', b'[{"data": 1, "time": 4}]'):
        assert len(list(event_lines(record(value), as_json=False, hidden=()))) == 1


def test_a_rejection_says_what_where_and_why() -> None:
    letter = DeadLetter(
        topic="touchpoints.web",
        partition=2,
        offset=9,
        index=0,
        received_at=1_772_359_200_000,
        reason=Reason.BAD_TIME,
        detail="`time` must be RFC 3339",
        type="web.clicked",
        payload=b"{}",
    )
    line, _ = rejection_lines(record(encode([letter, letter])), as_json=False)
    assert line.split()[:4] == ["2026-03-01T10:00:00.000Z", "bad_time", "web.clicked", "touchpoints.web/2@9"]
    assert line.endswith("`time` must be RFC 3339")
    shown, _ = rejection_lines(record(encode([letter, letter])), as_json=True)
    assert orjson.loads(shown)["offset"] == 9
    assert "no dead letter" in next(iter(rejection_lines(record(b"{}"), as_json=False)))


def test_a_terminal_obeys_nothing_that_was_sent() -> None:
    sent = {**EVENT, "type": "web.\x1b[2J", "source": "/shop\n2026"}
    (line,) = event_lines(record(orjson.dumps(sent)), as_json=False, hidden=())
    assert "web.\\x1b[2J" in line
    assert "/shop\\n2026" in line


def test_deep_nesting_is_passed_on() -> None:
    (line,) = event_lines(record(DEEP.replace(b",", b",\n")), as_json=True, hidden=())
    assert orjson.loads(line) == orjson.loads(DEEP)
