"""Events that were rejected, and replayed after the catalogue was mended, end where they would have been on time."""

import time
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer

from pipeline.catalogue.topics import raw_topic
from tests.end_to_end.events import Event, event
from tests.end_to_end.views import VIEWS, Views, read_views
from tests.servers.stack import StackProcess

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600)]

SECRET = "the same pseudonyms each time"
RECEIVED_AT = 1_772_362_800_000
"""2026-03-01T11:00:00Z: when the broker is told that it took the events."""
ANNA = {"customer_id": "42"}
TIMELESS = {
    name: value
    for name, value in event("web.wished", "wish-2", "", {"anonymous_id": "laptop"}).items()
    if name != "time"
}
EVENTS = [
    event("web.page_viewed", "view-1", "2026-03-01T10:00:00Z", {"anonymous_id": "laptop"}, url="/"),
    event("web.wished", "wish-1", "2026-03-01T10:01:00Z", {"anonymous_id": "laptop", "email": "anna@shop.example"}),
    TIMELESS,
    event("web.wished", "wish-3", "2026-03-01T10:02:00Z", {"phone": "+49 30 1"}, stars="five"),
    event("web.signed_in", "in-1", "2026-03-01T12:00:00Z", {"anonymous_id": "laptop", **ANNA}),
]
"""Of the type that is unknown at first: one that links two identifiers, one without a time, one that stays bad."""
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Wished",
    "description": "A customer put an item on the wish list.",
    "x-touchline": {"touchpoint": "website", "stage": "evaluate", "moment": None, "channel": "web", "owner": "digital"},
    "type": "object",
    "required": ["identifiers"],
    "properties": {"identifiers": {"type": "object"}, "stars": {"type": "integer"}},
}
STATE = "SELECT reason, replays, replayed_at IS NULL FROM dead_letters ORDER BY ALL"


def test_a_replay_after_a_new_schema_changes_everything_to_as_if_it_had_been_there(tmp_path: Path) -> None:
    schemas = schema_directory(tmp_path / "schemas")
    expected = accepted_at_once(tmp_path / "expected", schemas)
    assert len(expected["touchpoints"]) == 4
    with StackProcess(tmp_path / "data", settings={"SECRET": SECRET}) as stack:
        send(stack, EVENTS)
        stack.settle()
        assert stack.rows(STATE) == [("unknown_type", 0, 1)] * 3
        assert refused(stack, "replay", "--everything") == "0 sent again, 3 not"
        assert refused(stack, "replay", "--everything", "--unchecked") == ""
        stack.settle()
        assert stack.rows(STATE) == [("unknown_type", 1, 1)] * 3, "rejected again: the same letters, waiting as before"
    with StackProcess(tmp_path / "data", settings=mended(schemas)) as stack:
        assert refused(stack, "replay", "--reason", "unknown_type", "--since", "2026-03-01") == "2 sent again, 1 not"
        assert refused(stack, "replay", "--everything", "--set", "data.stars=5", "--dry-run") == ""
        stack.settle()
        assert read_views(stack) == expected
        assert stack.rows(STATE) == [("unknown_type", 1, 1), ("unknown_type", 2, 0), ("unknown_type", 2, 0)]
        assert refused(stack, "replay", "--reason", "unknown_type", "--again") == "2 sent again, 1 not"
        stack.settle()
        assert read_views(stack) == expected, "replayed twice counts once"
        assert set(VIEWS) == set(expected)


def refused(stack: StackProcess, *arguments: str) -> str:
    """The summary of a replay that could not send all; empty if it could."""
    result = stack.touchline("dead-letters", *arguments)
    assert result.returncode in (0, 1), result.stderr
    said = result.stderr.decode()
    assert "fault" not in said, said
    return next(line for line in said.splitlines() if " again, " in line) if result.returncode else ""


def accepted_at_once(data: Path, schemas: Path) -> Views:
    with StackProcess(data, settings=mended(schemas)) as stack:
        send(stack, EVENTS)
        stack.settle()
        return read_views(stack)


def mended(schemas: Path) -> dict[str, str]:
    return {"SECRET": SECRET, "SCHEMAS": str(schemas)}


def schema_directory(directory: Path) -> Path:
    (directory / "web").mkdir(parents=True)
    (directory / "web" / "wished.json").write_bytes(orjson.dumps(SCHEMA))
    return directory


def send(stack: StackProcess, events: list[Event]) -> None:
    """Send events as if they had been sent at `RECEIVED_AT`."""
    assert time.time() * 1000 > RECEIVED_AT
    producer = KafkaProducer(bootstrap_servers=stack.servers, acks="all", enable_idempotence=False)
    sent = [producer.send(raw_topic("web"), orjson.dumps(one), partition=0, timestamp_ms=RECEIVED_AT) for one in events]
    for future in sent:
        future.get(30)
    producer.close()
