"""Pages in a real browser that send to a collector of another origin."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from pipeline.settings.secret import Secret
from tests.integration.collector.conftest import NewCollector
from tests.integration.collector.held_broker import HeldBroker

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 60

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome"),
]

SCRIPT = """
const event = id => ({specversion: "1.0", id, source: "/shop", type: "web.page_viewed", data: {}});
const call = id => ({type: "track", event: "Signed In", userId: "1", messageId: id, writeKey: "k-1"});
const text = {"Content-Type": "text/plain"};

async function answer(path, headers, body) {
  try {
    const request = {method: "POST", keepalive: true, headers, body: JSON.stringify(body)};
    const answer = await fetch(COLLECTOR + path, request);
    return [answer.status, await answer.json()];
  } catch (error) {
    return String(error);
  }
}

function beacon(path, body) {
  return navigator.sendBeacon(COLLECTOR + path, body);
}

async function all() {
  const bearer = {"Authorization": "Bearer k-1", "Content-Type": "application/json"};
  const found = {
    fetch: await answer("/v1/events", bearer, event(PAGE + "-fetch")),
    without_key: await answer("/v1/events", text, event(PAGE + "-without-key")),
    segment: await answer("/v1/t", text, call(PAGE + "-segment")),
    beacon: beacon("/v1/batch", JSON.stringify({batch: [call(PAGE + "-text")], writeKey: "k-1"})),
    json_beacon: beacon("/v1/t", new Blob([JSON.stringify(call(PAGE + "-json"))], {type: "application/json"})),
  };
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
}
all();
"""


class Site:
    """A web site with one page, which reports what its requests came to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: asyncio.Future[dict[str, object]] = asyncio.get_running_loop().create_future()
        self.body = ""
        application = web.Application()
        application.router.add_get("/", self._page)
        application.router.add_post("/found", self._take)
        self.server = TestServer(application, host="127.0.0.1")

    @property
    def origin(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    def show(self, collector: URL, *others: "Site") -> None:
        """Make the page, with the pages of other sites in it."""
        frames = "".join(f'<iframe src="{other.origin}/"></iframe>' for other in others)
        names = f'const PAGE = "{self.name}", COLLECTOR = "{str(collector).rstrip("/")}";'
        self.body = f"<!doctype html>{frames}<script>{names}{SCRIPT}</script>"

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=self.body, content_type="text/html")

    async def _take(self, request: web.Request) -> web.Response:
        self.found.set_result(await request.json())
        return web.Response()


@asynccontextmanager
async def browser(page: str, profile: Path) -> AsyncIterator[None]:
    """Chromium, showing a page."""
    assert BROWSER is not None
    process = await asyncio.create_subprocess_exec(
        *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--no-proxy-server", "--disable-background-networking", f"--user-data-dir={profile}", page),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def taken(broker: HeldBroker, count: int) -> set[str]:
    """The ids of what was accepted, once there are so many: a beacon is on its way when it is said to be sent."""
    async with asyncio.timeout(SECONDS):
        while True:
            ids = {str(event["id"]) for event in broker.events}
            if len(ids) >= count:
                return ids
            await asyncio.sleep(0.02)


async def test_a_page_of_an_allowed_site_sends_in_every_way_and_one_of_another_in_none(
    collector: NewCollector, broker: HeldBroker, tmp_path: Path
) -> None:
    shop, evil = Site("shop"), Site("evil")
    async with shop.server, evil.server:
        client = await collector(origins=(shop.origin,), write_keys={"shop": Secret("k-1")})
        evil.show(client.make_url("/"))
        shop.show(client.make_url("/"), evil)
        async with browser(shop.origin, tmp_path), asyncio.timeout(SECONDS):
            allowed, forbidden = await shop.found, await evil.found
            await taken(broker, 4)
            await asyncio.sleep(0.3)  # for more than should be
            accepted = await taken(broker, 4)
    assert allowed["fetch"] == [202, {"accepted": 1}]
    assert allowed["segment"] == [200, {"success": True, "accepted": 1}]
    assert isinstance(refused := allowed["without_key"], list)
    assert (refused[0], refused[1]["type"]) == (401, "urn:touchline:problem:write-key")
    assert (allowed["beacon"], allowed["json_beacon"]) == (True, True)
    assert accepted == {"shop-fetch", "shop-segment", "shop-text", "shop-json"}
    assert [forbidden[way] for way in ("fetch", "without_key", "segment")] == ["TypeError: Failed to fetch"] * 3
