"""The collector's routes, and what applies to all of them."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from agents.collector.answers import problem
from agents.collector.intake import Intake
from agents.collector.metrics import CollectorMetrics
from agents.collector.origins import Origins
from agents.collector.ports import Sender
from pipeline.collecting.fault import Fault, Kind
from pipeline.collecting.segment import CALLS
from pipeline.settings.model import Settings

PREFIX: Final = "/v1/"
EVENTS: Final = "events"
BATCH: Final = "batch"
OTHER: Final = "other"
"""The label `path` of requests that match no route."""

log = logging.getLogger("touchline.collector")

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_application(settings: Settings, broker: Sender, metrics: CollectorMetrics) -> web.Application:
    """Build the application with all its routes. Nothing is connected here."""
    origins = Origins(settings.collector.origins)
    application = web.Application(middlewares=[_answered(metrics, origins)])
    intake = Intake(settings, broker, metrics)
    _add_intake(application, intake, origins)
    _add_pages(application, broker, metrics)
    return application


def _add_intake(application: web.Application, intake: Intake, origins: Origins) -> None:
    async def preflight(request: web.Request) -> web.Response:
        return origins.preflight(request)

    def guarded(page: Page) -> Page:
        async def handle(request: web.Request) -> web.StreamResponse:
            fault = origins.refuse(request)
            return intake.refuse(fault) if fault else await page(request)

        return handle

    pages: dict[str, Page] = {
        EVENTS: intake.cloud_events,
        BATCH: intake.segment(""),
        **{kind: intake.segment(kind) for kind in CALLS},
    }
    for name, page in pages.items():
        # Browsers send Segment's calls to the first letter of their kind.
        for path in (PREFIX + name,) if name == EVENTS else (PREFIX + name, PREFIX + name[0]):
            application.router.add_post(path, guarded(page))
            application.router.add_route("OPTIONS", path, guarded(preflight))


def _add_pages(application: web.Application, broker: Sender, metrics: CollectorMetrics) -> None:
    async def show_metrics(request: web.Request) -> web.Response:
        names = request.query.getall("name[]", ())
        body, content_type = metrics.exposition(request.headers.get("Accept", ""), names)
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def show_health(request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def show_readiness(request: web.Request) -> web.Response:
        ready = broker.ready
        return web.Response(text="ready\n" if ready else "waiting for the broker\n", status=200 if ready else 503)

    application.router.add_get("/metrics", show_metrics)
    application.router.add_get("/healthz", show_health)
    application.router.add_get("/readyz", show_readiness)


def _answered(metrics: CollectorMetrics, origins: Origins) -> Middleware:
    """Count every request, answer errors with problem documents, and let pages of allowed sites read the response."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        with metrics.in_flight_requests.track_inprogress():
            response = await _attempted(request, handler)
        origins.mark(request, response)
        metrics.requests.labels(_path(request), f"{response.status // 100}xx").inc()
        return response

    return middleware


async def _attempted(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        answer = problem(Fault(Kind.METHOD, f"use {', '.join(sorted(error.allowed_methods))}"))
        answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except web.HTTPException:
        return problem(Fault(Kind.NOT_FOUND, "events go to POST /v1/events, Segment's calls to POST /v1/batch"))
    except ConnectionError:  # the client went away; nobody reads this
        return problem(Fault(Kind.DAMAGED, "the connection ended before the body did"))
    except Exception:
        log.exception("a request failed")
        return problem(Fault(Kind.INTERNAL, "this is a fault in Touchline: the collector's log says more"))


def _path(request: web.Request) -> str:
    """The label `path` of a request: Segment's short paths count as the full ones."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else OTHER
    full = {PREFIX + name[0]: PREFIX + name for name in (BATCH, *CALLS)}
    return full.get(path, path)
