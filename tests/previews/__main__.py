"""Play the day, draw every dashboard, and write grafana/previews."""

import sys
import tempfile
import time
from pathlib import Path

from grafana.preview.album import take_all
from grafana.preview.live import Live
from pipeline.simulator.shapes import DAY, MINUTE
from tests.previews import backfill
from tests.previews.day import PLAY_SECONDS, STEP, play
from tests.servers.prometheus import PrometheusProcess
from tests.servers.stack import StackProcess
from tests.unit.observability.dashboards import DASHBOARDS, ROOT, RULES

PREVIEWS = ROOT / "grafana" / "previews"
AS_IT_HAPPENED = ("pipeline-health",)
"""Dashboards on the machine's own clock: latencies do not scale with the day."""
START_SECONDS = 30.0
"""Time until the first step."""
STANDING_SECONDS = 20.0
"""Workers report open journeys every 15 s."""


def main() -> None:
    """Make all previews."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with StackProcess(directory / "stack", collector=True) as stack:
            _take(stack, directory)


def _take(stack: StackProcess, directory: Path) -> None:
    began = time.time()
    until = int((began + START_SECONDS + PLAY_SECONDS) * 1000)
    until -= until % MINUTE
    workers, collectors = [f"127.0.0.1:{stack.web_port}"], [f"127.0.0.1:{stack.collector_port}"]
    with PrometheusProcess(directory / "live", workers, RULES, collectors) as live:
        readings = list(play(stack, until))
        time.sleep(STANDING_SECONDS)
        now = time.time()
        client = stack.client()
        real = Live(live.url, client, began, now, 5)
        _draw(real, AS_IT_HAPPENED, f"A simulated day, played in {round((now - began) / 60)} minutes.")
    day = PrometheusProcess(directory / "day", [], RULES)
    since, end = (until - DAY) / 1000, until / 1000
    backfill.write(readings, directory, day.data)
    for _ in range(backfill.ROUNDS):
        with day:
            backfill.record(day, RULES, since, end, day.data)
    with day:
        others = tuple(path.stem for path in DASHBOARDS if path.stem not in AS_IT_HAPPENED)
        simulated = Live(day.url, client, since, end, STEP // 1000)
        _draw(simulated, others, "A simulated day of a retailer, played in minutes and shown at its own times.")
    client.close()


def _draw(sources: Live, names: tuple[str, ...], caption: str) -> None:
    for taken in take_all(sources, PREVIEWS, caption, names):
        sys.stdout.write(f"{taken.name}: {', '.join(taken.empty) or 'every panel has data'}\n")


if __name__ == "__main__":
    main()
