from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from pipeline.adapters.broker.producer import SendFailure
from pipeline.cli.commands import import_
from pipeline.cli.main import touchline

MAPPING = """
name = "visits"
[inputs.visits]
[[events]]
type = "web.page_viewed"
id = "{n}"
time = "at"
identifiers.customer_id = "who"
data.url = "url"
data.status = { column = "status", as = "integer" }
"""
ROWS = "n,at,who,url,status\n1,2026-01-01,7,/,200\n2,2026-01-02,8,/a,200\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "visits.toml").write_text(MAPPING)
    (tmp_path / "visits.csv").write_text(ROWS)
    return tmp_path


def touch(*arguments: str) -> Result:
    return CliRunner().invoke(touchline, ["import", *arguments])


class Broker:
    """Takes the place of the producer: keeps what it is sent."""

    sent: list[tuple[str, bytes, int]]

    def __init__(
        self, servers: object, on_failure: Callable[[SendFailure], None], on_silence: Callable[[], None]
    ) -> None:
        Broker.sent = []
        self.on_silence = on_silence
        self.on_failure = on_failure

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, topic: str, event: bytes, position: int) -> None:
        """Keep an event."""
        Broker.sent.append((topic, event, position))


def test_a_dry_run_prints_the_events_and_sends_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(import_, "EventProducer")
    result = touch("--dry-run", "visits.toml", "visits.csv")
    assert result.exit_code == 0, result.output
    assert [orjson.loads(line)["id"] for line in result.stdout.splitlines()] == ["1", "2"]
    assert "2  web.page_viewed" in result.stderr


def test_events_are_sent_to_the_topic_of_their_family(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "EventProducer", Broker)
    result = touch("visits.toml", "visits.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert [(topic, position) for topic, _, position in Broker.sent] == [
        ("touchpoints.web", 1),
        ("touchpoints.web", 2),
    ]
    assert orjson.loads(Broker.sent[0][1])["data"] == {"identifiers": {"customer_id": "7"}, "url": "/", "status": 200}


class AwayBroker(Broker):
    """Takes nothing."""

    def send(self, topic: str, event: bytes, position: int) -> None:
        """Refuse an event."""
        self.on_failure(SendFailure(position, "the broker is away"))


def test_what_was_not_sent_can_be_imported_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "EventProducer", AwayBroker)
    result = touch("visits.toml", "visits.csv")
    assert result.exit_code == 1
    assert "event 2 was not sent: the broker is away" in result.stderr
    assert "error: 2 could not be sent\n  Import the same again once the broker takes events" in result.stderr


class FrozenBroker(Broker):
    """Takes everything and says nothing."""

    def __exit__(self, *_: object) -> None:
        self.on_silence()


def test_a_broker_that_acknowledges_nothing_is_told_of_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "EventProducer", FrozenBroker)
    result = touch("visits.toml", "visits.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "the broker has acknowledged nothing for 5 s; still waiting\n" in result.stderr


def test_columns_of_every_file_are_looked_at_before_anything_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_, "EventProducer", Broker)
    (folder / "visits-2.csv").write_text(ROWS.replace("at", "when", 1))
    result = touch("visits.toml", "visits.csv", "visits-2.csv")
    assert result.exit_code == 2
    assert "visits-2.csv: there is no column 'at' for 'visits'" in result.stderr
    assert Broker.sent == []


def test_a_mapping_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    (folder / "visits.toml").write_text(MAPPING, encoding="utf-8-sig")
    assert touch("--dry-run", "visits.toml", "visits.csv").exit_code == 0


def test_a_limit_stops_early(folder: Path) -> None:
    result = touch("--dry-run", "--limit", "1", "visits.toml", "visits.csv")
    assert len(result.stdout.splitlines()) == 1


def test_a_dry_run_says_what_the_pipeline_would_reject(folder: Path) -> None:
    (folder / "visits.csv").write_text(ROWS.replace(",200", ",9000", 1))
    result = touch("--dry-run", "visits.toml", "visits.csv")
    assert result.exit_code == 1
    assert "event 1 (web.page_viewed) would be rejected: " in result.stderr
    assert "1 would be rejected" in result.stderr
    assert "status" in result.stderr


def test_rows_that_cannot_be_read_are_reported_and_the_others_go_on(folder: Path) -> None:
    (folder / "visits.csv").write_text(ROWS.replace("2026-01-01", "soon"))
    result = touch("--dry-run", "visits.toml", "visits.csv")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "visits.csv, line 2, column 'at': 'soon': a time is expected, as iso" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a mapping, or --list the ones that come with Touchline"),
        (
            ["olst", "x.csv"],
            "'olst' is neither a readable mapping file nor the name of a mapping; did you mean 'olist'?",
        ),
        (["utf16.toml", "visits.csv"], "utf16.toml: a mapping in UTF-8 is expected, found other bytes at 0"),
        (["visits.toml"], "the mapping 'visits' needs a file for 'visits': give it, or a directory"),
        (["visits.toml", "none.csv"], "none.csv: there is no such file"),
        (["visits.toml", "visits=."], ".: a file is expected, not a directory or a pipe"),
        (["visits.toml", "/dev/null"], "/dev/null: a file is expected"),
        (["olist", "none.csv"], "none.csv: there is no such file"),
        (["visits.toml", "x=visits.csv"], "x=visits.csv: the mapping 'visits' reads no 'x'; known: visits"),
        (
            ["olist", "order=visits.csv"],
            "order=visits.csv: the mapping 'olist' reads no 'order'; did you mean 'orders'?",
        ),
        (["olist", "orders=visits.csv", "x=1.csv"], "x=1.csv: the mapping 'olist' has no input or lookup for it"),
        (["visits.toml", "visits.toml"], "visits.toml: there is no column 'at' for 'visits'"),
        (["bad.toml", "visits.csv"], "bad.toml: events[1], type: there is no event type 'web.page_view'; did you mean"),
    ],
)
def test_wrong_usage(folder: Path, arguments: list[str], message: str) -> None:
    (folder / "bad.toml").write_text(MAPPING.replace("viewed", "view"))
    (folder / "x=1.csv").write_text(ROWS)
    (folder / "utf16.toml").write_text(MAPPING, "utf-16")
    result = touch("--dry-run", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_list(folder: Path) -> None:
    result = touch("--list")
    assert result.exit_code == 0
    assert result.stdout.startswith("olist           Olist: orders, approvals")
