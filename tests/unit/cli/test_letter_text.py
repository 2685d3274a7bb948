"""Dead letters in words."""

from datetime import UTC, datetime

import orjson
import pytest

from pipeline.adapters.clickhouse.letters import LetterRow
from pipeline.cli.letter_text import LONGEST_PAYLOAD, TO_DO, letter_json, letter_lines, payload_text, state_word
from pipeline.events.dead_letter import Reason

SENT = datetime(2026, 3, 2, tzinfo=UTC)


def letter(
    payload: bytes = b"{}", *, type_: str = "web.x", replays: int = 0, sent: datetime | None = None
) -> LetterRow:
    received = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
    return LetterRow(
        "00ff00ff00ff00ff", received, "touchpoints.web", 2, 17, 3, "bad_time", "time: …", type_, replays, sent, payload
    )


def test_every_reason_says_what_to_do() -> None:
    assert set(TO_DO) == set(Reason)


def test_everything_is_said() -> None:
    said = "\n".join(letter_lines(letter(), ()))
    for part in (
        "00ff00ff00ff00ff",
        "2026-03-01T12:00:00.123Z",
        "touchpoints.web/2@17#3",
        "bad_time",
        "waits",
        "2 bytes",
    ):
        assert part in said
    assert TO_DO["bad_time"] in said


@pytest.mark.parametrize(
    ("replays", "sent", "word"), [(0, None, "waits"), (1, SENT, "sent again"), (2, None, "rejected again")]
)
def test_the_state_follows_from_the_replays(replays: int, sent: datetime | None, word: str) -> None:
    assert state_word(letter(replays=replays, sent=sent)) == word
    assert orjson.loads(letter_json(letter(replays=replays, sent=sent)))["state"] == word


@pytest.mark.parametrize("payload", [b"\x1b[31m\x9b", "\x1b]0;x\x07\x9b".encode(), b'{"a": "\\u001b[31m\xc2\x9b"}'])
def test_a_terminal_obeys_nothing_that_was_sent(payload: bytes) -> None:
    for line in letter_lines(letter(payload, type_="web.\x1b[2J"), ()):
        assert all(each.isprintable() or each == "\n" for each in line)


def test_personal_identifiers_are_masked() -> None:
    event = {"data": {"identifiers": {"email": "a@b.c", "order_id": "7"}, "more": 1}}
    shown = payload_text(orjson.dumps([event, 3, {"data": 1}]), {"email", "phone"})
    assert "a@b.c" not in shown
    assert '"order_id": "7"' in shown


def test_a_long_payload_is_cut_and_says_so() -> None:
    lines = list(letter_lines(letter(b"x" * (LONGEST_PAYLOAD + 5)), ()))
    assert lines[-1].startswith("… 5 more characters")
    assert "letter" not in letter_json(letter(b"payload"))


def test_what_is_nested_too_deeply_is_not_shown() -> None:
    payload = b'{"data": {"identifiers": {"email": "ann@example.org"}, "x": ' + b"[" * 400 + b"]" * 400 + b"}}"
    said = payload_text(payload, {"email"})
    assert "--raw" in said
    assert "ann@" not in said
