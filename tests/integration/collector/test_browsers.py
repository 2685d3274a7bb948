"""Requests as browsers make them."""

import pytest

from pipeline.settings.secret import Secret
from tests.integration.collector.conftest import NewCollector
from tests.integration.collector.held_broker import HeldBroker

pytestmark = pytest.mark.server

SHOP = "https://shop.example"
EVENT = '{"specversion": "1.0", "id": "1", "source": "/s", "type": "web.page_viewed", "data": {}}'
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}


async def test_a_page_of_an_allowed_site_may_send_and_read_the_answer(
    collector: NewCollector, broker: HeldBroker
) -> None:
    client = await collector(origins=(SHOP + "/",))
    answer = await client.post("/v1/events", data=EVENT, headers={**TEXT, "Origin": SHOP})
    assert answer.status == 202
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Vary"] == "Origin"
    refused = await client.post("/v1/events", data="{", headers={**TEXT, "Origin": SHOP})
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (400, SHOP)


@pytest.mark.parametrize("origins", [(), (SHOP,)])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://shop.example", SHOP + ".evil.example"])
async def test_a_page_of_another_site_may_not(
    collector: NewCollector, broker: HeldBroker, origins: tuple[str, ...], origin: str
) -> None:
    client = await collector(origins=origins)
    answer = await client.post("/v1/events", data=EVENT, headers={**TEXT, "Origin": origin})
    assert answer.status == 403
    assert "collector.origins" in await answer.text()
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not broker.taken


async def test_refused_sites_are_counted_by_their_reason(collector: NewCollector) -> None:
    client = await collector(origins=(SHOP,))
    elsewhere = {**TEXT, "Origin": "https://evil.example"}
    await client.post("/v1/events", data=EVENT, headers=elsewhere)
    await client.options("/v1/t", headers={**elsewhere, "Access-Control-Request-Method": "POST"})
    found = await (await client.get("/metrics")).text()
    assert 'touchline_collector_refused_total{reason="origin"} 2.0' in found


async def test_all_sites_may_where_it_says_so(collector: NewCollector) -> None:
    client = await collector(origins=("*",))
    answer = await client.post("/v1/t", data='{"event": "x"}', headers={**TEXT, "Origin": "https://any.example"})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://any.example")


async def test_a_browser_that_asks_first_is_told(collector: NewCollector) -> None:
    client = await collector(origins=(SHOP,))
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await client.options("/v1/events", headers=asked)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert (await client.options("/v1/t", headers={**asked, "Origin": "https://evil.example"})).status == 403


async def test_write_keys_are_asked_for_in_every_form(collector: NewCollector, broker: HeldBroker) -> None:
    client = await collector(write_keys={"shop": Secret("k-1")})
    call = {"event": "Signed In", "userId": "1"}
    refused = await client.post("/v1/track", json=call)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="touchline"')
    assert (await client.post("/v1/track", json={**call, "writeKey": "k-2"})).status == 401
    assert (await client.post("/v1/events", data=EVENT, headers=TEXT)).status == 401
    assert not broker.taken
    assert (await client.post("/v1/track", json={**call, "writeKey": "k-1"})).status == 200
    assert (await client.post("/v1/track", json=call, headers={"Authorization": "Basic ay0xOg=="})).status == 200
    bearer = {**TEXT, "Authorization": "Bearer k-1"}
    assert (await client.post("/v1/events", data=EVENT, headers=bearer)).status == 202
    assert [event["source"] for event in broker.events] == ["/segment/shop", "/segment/shop", "/s"]
