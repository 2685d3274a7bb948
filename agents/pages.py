"""The worker's web pages for machines: metrics and health."""

import faust
from faust.web import Request, Response, View

from agents.health import Health
from pipeline.adapters.metrics import Metrics


def register(app: faust.App, metrics: Metrics, health: Health) -> None:
    """Add `/metrics`, `/healthz` and `/readyz`; the last two answer 200, or 503 and the reason."""

    async def show_metrics(view: View, request: Request) -> Response:
        names = request.query.getall("name[]", ())
        body, content_type = metrics.exposition(request.headers.get("Accept", ""), names)
        return view.bytes(body, headers={"Content-Type": content_type})

    def judged(view: View, good: str, reason: str) -> Response:
        return view.text(f"{reason or good}\n", status=503 if reason else 200)

    async def show_health(view: View, request: Request) -> Response:
        return judged(view, "alive", health.why_not_alive())

    async def show_readiness(view: View, request: Request) -> Response:
        return judged(view, "ready", health.why_not_ready())

    app.page("/metrics", name="metrics")(show_metrics)
    app.page("/healthz", name="healthz")(show_health)
    app.page("/readyz", name="readyz")(show_readiness)
