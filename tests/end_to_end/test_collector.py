"""Events that come over HTTP, in every form, stand in ClickHouse: what was answered with success, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.end_to_end.events import event
from tests.servers.http import Answer, ask, post_json
from tests.servers.stack import StackProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

TIME = "2026-03-01T10:00:00Z"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with StackProcess(tmp_path_factory.mktemp("collected") / "data", collector=True) as process:
        yield process


def view(name: str, visitor: str) -> dict[str, object]:
    return event("web.page_viewed", name, TIME, {"anonymous_id": visitor}, url="/")


def send(stack: StackProcess, path: str, content: object, content_type: str) -> Answer:
    return ask(stack.collector_port, path, orjson.dumps(content), {"Content-Type": content_type})


def stored(stack: StackProcess, column: str, where: str) -> set[str]:
    """Distinct values of a column of the touchpoints, once everything is settled."""
    stack.settle()
    return {row[0] for row in stack.rows(f"SELECT DISTINCT {column} FROM touchpoints WHERE {where}")}


@pytest.mark.parametrize("readme", ["README.md", "agents/collector/README.md"])
def test_the_first_events_of_the_documents_get_where_they_say(stack: StackProcess, readme: str) -> None:
    text = (Path(__file__).parents[2] / readme).read_text()
    (body,) = re.findall(
        r"curl http://127\.0\.0\.1:8080/v1/events -H 'Content-Type: application/json' -d '(.*?)'\n", text, re.S
    )
    assert send(stack, "/v1/events", orjson.loads(body), "application/json").status == 202
    stack.settle()
    shown = stack.touchline("journey", "customer_id:42")
    assert b"web.page_viewed" in shown.stdout, shown.stderr
    for command in re.findall(r"^touchline ((?:journey|why) [^#\n]*)", text, re.M):
        answer = stack.touchline(*command.split())
        assert answer.returncode == 0, answer.stderr
        assert b"customer_id:42" in answer.stdout + answer.stderr


def test_cloud_events_of_every_mode_are_stored(stack: StackProcess) -> None:
    sent = [
        send(stack, "/v1/events", view("plain", "v"), "application/json"),
        send(stack, "/v1/events", [view("array-1", "v"), view("array-2", "v")], "application/json"),
        send(stack, "/v1/events", view("beacon", "v"), "text/plain;charset=UTF-8"),
        send(stack, "/v1/events", view("structured", "v"), "application/cloudevents+json"),
        send(stack, "/v1/events", [view("batched", "v")], "application/cloudevents-batch+json; charset=utf-8"),
        post_json(
            stack.collector_port,
            "/v1/events",
            {"identifiers": {"anonymous_id": "v"}, "url": "/"},
            {
                "ce-specversion": "1.0",
                "ce-id": "binary",
                "ce-source": "/s",
                "ce-type": "web.page_viewed",
                "ce-time": TIME,
            },
        ),
    ]
    assert [(answer.status, answer.json["accepted"]) for answer in sent] == [(202, 1), (202, 2), *[(202, 1)] * 4]
    assert stored(stack, "event_id", "customer = 'anonymous_id:v'") == {
        "plain",
        "array-1",
        "array-2",
        "beacon",
        "structured",
        "batched",
        "binary",
    }


def test_a_visit_by_segment_becomes_a_journey_of_one_customer(stack: StackProcess) -> None:
    """As Segment's library for browsers sends it: short paths, text/plain, the anonymous id before the log-in."""
    order = {"order_id": "o-77", "total": 25.5, "currency": "EUR", "products": [{"product_id": "p", "price": 25.5}]}
    calls = [
        ("/v1/p", {"anonymousId": "s-1", "properties": {"url": "https://shop.example/"}}),
        ("/v1/t", {"anonymousId": "s-1", "event": "Product Viewed", "properties": {"product_id": "p"}}),
        ("/v1/i", {"anonymousId": "s-1", "userId": "77", "traits": {"email": "Berta@Shop.example", "name": "Berta"}}),
        ("/v1/t", {"anonymousId": "s-1", "userId": "77", "event": "Order Completed", "properties": order}),
    ]
    for number, (path, call) in enumerate(calls):
        own = {"messageId": f"segment-{number}", "timestamp": f"2026-03-01T10:0{number}:00Z"}
        answer = send(stack, path, {**call, **own}, "text/plain")
        assert (answer.status, answer.json["success"]) == (200, True), answer.json
    assert stored(stack, "type", "customer = 'customer_id:77'") == {
        "web.page_viewed",
        "web.product_viewed",
        "web.identified",
        "web.order_placed",
    }
    (row,) = stack.rows("SELECT outcome, order_value FROM journeys WHERE customer = 'customer_id:77'")
    assert row == ("converted", 25.5)
    everything = repr(stack.rows("SELECT * FROM touchpoints WHERE customer = 'customer_id:77'"))
    assert "Berta" not in everything
    assert "berta@" not in everything


def test_a_call_that_has_no_place_becomes_a_dead_letter_that_says_so(stack: StackProcess) -> None:
    calls = {
        "batch": [
            {"type": "track", "event": "Wishlist Shared", "userId": "9", "messageId": "w"},
            {"type": "group", "groupId": "g", "userId": "9", "messageId": "g"},
            {"type": "track", "userId": "9", "messageId": "nameless"},
        ]
    }
    answer = post_json(stack.collector_port, "/v1/batch", calls)
    assert (answer.status, answer.json) == (200, {"success": True, "accepted": 3})
    stack.settle()
    letters = stack.rows("SELECT type, reason FROM dead_letters ORDER BY type")
    assert letters == [
        ("web.group_joined", "unknown_type"),
        ("web.track_without_a_name", "unknown_type"),
        ("web.wishlist_shared", "unknown_type"),
    ]


def test_of_a_request_with_good_and_bad_the_good_are_stored_and_the_bad_are_named(stack: StackProcess) -> None:
    mixed = [view("good-1", "m"), {"type": "nope.x"}, 3, view("good-2", "m")]
    answer = post_json(stack.collector_port, "/v1/events", mixed)
    assert (answer.status, answer.json["accepted"]) == (400, 2)
    assert [one["index"] for one in answer.json["refused"]] == [1, 2]
    assert stored(stack, "event_id", "customer = 'anonymous_id:m'") == {"good-1", "good-2"}


def test_an_event_without_a_time_happened_when_it_was_received(stack: StackProcess) -> None:
    timeless = {**view("timeless", "t")}
    del timeless["time"]
    assert post_json(stack.collector_port, "/v1/events", timeless).status == 202
    stack.settle()
    (row,) = stack.rows("SELECT time = received_at, time > now() - 3600 FROM touchpoints WHERE event_id = 'timeless'")
    assert row == (1, 1)


def test_status_knows_the_collector(stack: StackProcess) -> None:
    status = stack.status()
    assert status["collector"] == {
        "address": f"http://127.0.0.1:{stack.collector_port}",
        "reachable": True,
        "problem": "",
    }
