"""What requests come to, whatever they hold."""

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator

import orjson
import pytest

from tests.integration.collector.conftest import NewCollector
from tests.integration.collector.held_broker import HeldBroker

pytestmark = pytest.mark.server

JSON = {"Content-Type": "application/json"}
EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "web.page_viewed", "data": {"url": "/"}}
MEBIBYTE = 1024 * 1024
COMPRESSED = gzip.compress(b"{}", mtime=0)


async def test_success_means_acknowledged(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    broker.open.clear()
    waiting = asyncio.create_task(client.post("/v1/events", json=EVENT))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    broker.open.set()
    answer = await waiting
    assert (answer.status, await answer.json()) == (202, {"accepted": 1})
    assert broker.events == [EVENT]


async def test_without_a_broker_the_sender_is_told_to_come_again(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    broker.away = True
    answer = await client.post("/v1/events", json=[EVENT, 3])
    found = await answer.json(content_type="application/problem+json")
    assert (answer.status, found["accepted"], found["unacknowledged"]) == (503, 0, [0])
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compressed_bodies_are_read(collector: NewCollector, broker: HeldBroker, encoding: str) -> None:
    client = await collector()
    compress = gzip.compress if encoding == "gzip" else zlib.compress
    headers = {**JSON, "Content-Encoding": encoding}
    answer = await client.post("/v1/events", data=compress(orjson.dumps(EVENT)), headers=headers)
    assert answer.status == 202
    assert broker.events == [EVENT]


async def test_a_body_that_inflates_without_end_is_refused(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector(max_body_bytes=MEBIBYTE)
    bomb = gzip.compress(b" " * 200 * MEBIBYTE)
    assert len(bomb) < MEBIBYTE
    answer = await client.post("/v1/events", data=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status == 413
    assert not broker.taken


@pytest.mark.parametrize("body", [b"no gzip", COMPRESSED[:-4], COMPRESSED + b"more"])
async def test_a_damaged_encoding_is_the_senders_fault(collector: NewCollector, body: bytes) -> None:
    client = await collector()
    answer = await client.post("/v1/events", data=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status == 400


async def test_an_unknown_encoding_is_refused(collector: NewCollector) -> None:
    client = await collector()
    answer = await client.post("/v1/events", data=b"{}", headers={**JSON, "Content-Encoding": "br"})
    assert answer.status == 415
    assert "gzip" in await answer.text()


async def test_a_body_that_is_too_large_is_refused(collector: NewCollector) -> None:
    client = await collector(max_body_bytes=2_000)
    assert (await client.post("/v1/events", data=b"x" * 2_001, headers=JSON)).status == 413
    assert (await client.post("/v1/events", data=_pieces(b"x" * 500, 5), headers=JSON)).status == 413
    assert (await client.post("/v1/events", data=b" " * 1_999 + b"[", headers=JSON)).status == 400


async def test_bytes_in_flight_are_bounded(collector: NewCollector, broker: HeldBroker) -> None:
    """While the broker is slow, requests beyond the bound are told to come again; then there is room."""
    client = await collector(in_flight_mib=1)
    broker.open.clear()
    large = orjson.dumps({**EVENT, "data": {"url": "x" * 400_000}})
    requests = [asyncio.create_task(client.post("/v1/events", data=large, headers=JSON)) for _ in range(6)]
    await asyncio.sleep(0.5)
    early = [await request for request in requests if request.done()]
    assert [answer.status for answer in early] == [429] * 4
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in early)
    broker.open.set()
    assert sorted([(await request).status for request in requests]) == [202, 202, 429, 429, 429, 429]
    assert (await client.post("/v1/events", data=large, headers=JSON)).status == 202
    metrics = await (await client.get("/metrics")).text()
    assert "touchline_collector_in_flight_bytes 0.0" in metrics


async def test_the_receive_time_is_that_of_the_request_and_not_of_its_end(
    collector: NewCollector, broker: HeldBroker
) -> None:
    client = await collector()

    ended: list[float] = []

    async def slow() -> AsyncIterator[bytes]:
        yield orjson.dumps(EVENT)
        await asyncio.sleep(0.5)
        ended.append(time.time() * 1000)

    assert (await client.post("/v1/events", data=slow(), headers=JSON)).status == 202
    assert broker.received_at[0] < ended[0] - 100


async def test_a_body_that_does_not_come_is_not_waited_for(collector: NewCollector) -> None:
    client = await collector(body_timeout_ms=200)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.sleep(1)

    answer = await client.post("/v1/events", data=stalling(), headers=JSON)
    assert answer.status == 408


async def test_a_batch_of_very_many_calls_is_refused_as_a_whole(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    answer = await client.post("/v1/batch", json={"batch": [{}] * 10_001})
    assert answer.status == 413
    assert "at most 10000" in await answer.text()


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/events HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_http_is_refused_without_a_trace(collector: NewCollector, raw: bytes) -> None:
    client = await collector()
    assert client.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(raw)
    answer = await asyncio.wait_for(reader.read(10_000), 10)
    writer.close()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert b"Traceback" not in answer
    assert (await client.get("/healthz")).status == 200


GARBAGE = [b"", b"{", b"null", b"3", b'"x"', b"[[]]", b"\xff\xfe", b"[" * 5_000, b"\0", b"{}" * 9]
PATHS = ["/v1/events", "/v1/batch", "/v1/b", "/v1/track", "/v1/t", "/v1/i", "/v1/nope", "/", "/v1/events/", "/v1//x"]
TYPES = ["application/json", "text/plain", "application/cloudevents+json", "x", "", "application/json; charset=x"]


async def test_garbage_is_refused_in_words_and_never_breaks_anything(
    collector: NewCollector, broker: HeldBroker
) -> None:
    client = await collector()
    for path in PATHS:
        for content_type in TYPES:
            for body in GARBAGE:
                answer = await client.post(path, data=body, headers={"Content-Type": content_type})
                text = await answer.text()
                assert 400 <= answer.status < 500, (path, content_type, body, text)
                assert answer.content_type == "application/problem+json"
                assert orjson.loads(text)["detail"]
                assert "Traceback" not in text
    assert not broker.taken


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_another_method_is_refused(collector: NewCollector, method: str) -> None:
    client = await collector()
    answer = await client.request(method, "/v1/events")
    assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS,POST")


async def test_a_fault_of_ours_shows_no_trace(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    broker.received_at = None  # type: ignore[assignment] # so that it fails
    answer = await client.post("/v1/events", json=EVENT)
    assert answer.status == 500
    assert "AttributeError" not in await answer.text()


async def test_pages_for_machines(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector()
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    broker.ready = False
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/healthz")).status == 200


async def test_one_series_can_be_asked_for(collector: NewCollector) -> None:
    client = await collector()
    await client.post("/v1/events", json=EVENT)
    found = await (await client.get("/metrics", params={"name[]": "touchline_collector_events_total"})).text()
    assert [line for line in found.splitlines() if "{" in line and not line.endswith(" 0.0")] == [
        'touchline_collector_events_total{source="web"} 1.0'
    ]


async def test_everything_is_counted_under_its_full_name(collector: NewCollector) -> None:
    client = await collector()
    await client.post("/v1/t", json={"event": "Signed In", "userId": "1"})
    await client.post("/v1/events", json=[EVENT, 3])
    await client.post("/v1/anything")
    found = await (await client.get("/metrics")).text()
    for line in (
        'touchline_collector_requests_total{path="/v1/track",status="2xx"} 1.0',
        'touchline_collector_requests_total{path="/v1/events",status="4xx"} 1.0',
        'touchline_collector_requests_total{path="other",status="4xx"} 1.0',
        'touchline_collector_events_total{source="web"} 2.0',
        'touchline_collector_refused_total{reason="event"} 1.0',
        "touchline_collector_produce_seconds_count 2.0",
    ):
        assert line in found


async def _pieces(piece: bytes, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield piece
        await asyncio.sleep(0)
