"""The worker's web pages for machines: metrics and health."""

from collections.abc import Callable

import faust
from faust.web import Request, Response, View

from pipeline.adapters.metrics import Metrics


def register(app: faust.App, metrics: Metrics, why_not_ready: Callable[[], str]) -> None:
    """Add `/metrics`, `/healthz` and `/readyz`.

    `why_not_ready` returns an empty text when the worker takes mail, else what it waits for.
    """

    async def show_metrics(view: View, request: Request) -> Response:
        body, content_type = metrics.exposition(request.headers.get("Accept", ""))
        return view.bytes(body, headers={"Content-Type": content_type})

    async def show_health(view: View, request: Request) -> Response:
        return view.text("alive\n")

    async def show_readiness(view: View, request: Request) -> Response:
        reason = why_not_ready()
        return view.text(f"{reason or 'ready'}\n", status=503 if reason else 200)

    app.page("/metrics", name="metrics")(show_metrics)
    app.page("/healthz", name="healthz")(show_health)
    app.page("/readyz", name="readyz")(show_readiness)
