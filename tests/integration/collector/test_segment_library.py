"""Requests as Segment's library for Python, version 2.4.0, sends them, and the library for browsers, analytics-next."""

import gzip

import orjson
import pytest

from pipeline.settings.secret import Secret
from tests.integration.collector.conftest import NewCollector
from tests.integration.collector.held_broker import HeldBroker

pytestmark = pytest.mark.server

LIBRARY = {"library": {"name": "analytics-python", "version": "2.4.0"}}
COMMON = {"integrations": {}, "context": LIBRARY, "userId": "u-1", "timestamp": "2026-03-01T10:00:00.049+00:00"}
ORDER = {"order_id": "o-1", "total": 20, "currency": "EUR", "products": [{"sku": "x", "price": 20}]}
BATCH = {
    "batch": [
        {**COMMON, "type": "identify", "anonymousId": "anon-1", "traits": {"email": "a@b.example"}, "messageId": "1"},
        {
            **COMMON,
            "type": "track",
            "anonymousId": None,
            "event": "Order Completed",
            "properties": ORDER,
            "messageId": "2",
        },
        {
            **COMMON,
            "type": "page",
            "anonymousId": None,
            "category": "Docs",
            "name": "Python",
            "properties": {"url": "/"},
            "messageId": "3",
        },
        {**COMMON, "type": "alias", "anonymousId": None, "previousId": "anon-1", "messageId": "4"},
    ],
    "sentAt": "2026-03-01T10:00:00.549680+00:00",
    "writeKey": "k-1",
}
HEADERS = {
    "User-Agent": "analytics-python/2.4.0",
    "Content-Type": "application/json",
    "Authorization": "Basic ay0xOg==",
}


@pytest.mark.parametrize("zipped", [False, True])
async def test_a_batch_of_the_library_for_python(collector: NewCollector, broker: HeldBroker, zipped: bool) -> None:
    client = await collector(write_keys={"shop": Secret("k-1")})
    data = orjson.dumps(BATCH)
    more = {"Content-Encoding": "gzip"} if zipped else {}
    answer = await client.post("/v1/batch", data=gzip.compress(data) if zipped else data, headers={**HEADERS, **more})
    assert (answer.status, await answer.json()) == (200, {"success": True, "accepted": 4})
    assert [(event["id"], event["type"], event["source"]) for event in broker.events] == [
        ("1", "web.identified", "/segment/shop"),
        ("2", "web.order_placed", "/segment/shop"),
        ("3", "web.page_viewed", "/segment/shop"),
        ("4", "web.identified", "/segment/shop"),
    ]


async def test_the_library_for_python_is_told_what_is_wrong_in_words_that_it_shows(collector: NewCollector) -> None:
    client = await collector()
    answer = await client.post("/v1/batch", data=orjson.dumps({**BATCH, "batch": [3]}), headers=HEADERS)
    found = await answer.json(content_type=None)
    assert answer.status == 400, "which it does not repeat"
    assert found["code"] == "refused-events"
    assert "a JSON object expected for each call" in found["message"]


async def test_the_library_for_python_is_told_when_to_come_again(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    broker.away = True
    answer = await client.post("/v1/batch", data=orjson.dumps(BATCH), headers=HEADERS)
    assert (answer.status, answer.headers["Retry-After"].isdigit()) == (503, True)


@pytest.mark.parametrize(
    ("path", "event_type"),
    [
        ("/v1/t", "web.signed_in"),
        ("/v1/p", "web.page_viewed"),
        ("/v1/s", "web.page_viewed"),
        ("/v1/i", "web.identified"),
        ("/v1/a", "web.identified"),
        ("/v1/g", "web.group_joined"),
    ],
)
async def test_the_library_for_browsers_posts_text_to_short_paths(
    collector: NewCollector, broker: HeldBroker, path: str, event_type: str
) -> None:
    client = await collector(origins=("https://shop.example",), write_keys={"web": Secret("k-1")})
    call = {"event": "Signed In", "messageId": "ajs-next-1", "anonymousId": "a", "writeKey": "k-1", "properties": {}}
    headers = {"Content-Type": "text/plain", "Origin": "https://shop.example"}
    answer = await client.post(path, data=orjson.dumps(call), headers=headers)
    assert answer.status == 200
    (event,) = broker.events
    assert (event["type"], event["source"]) == (event_type, "/segment/web")


async def test_the_library_for_browsers_posts_batches(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    batch = {"writeKey": "k", "batch": [{"type": "page", "messageId": "1"}, {"type": "screen", "messageId": "2"}]}
    assert (await client.post("/v1/b", data=orjson.dumps(batch), headers={"Content-Type": "text/plain"})).status == 200
    assert [event["id"] for event in broker.events] == ["1", "2"]
