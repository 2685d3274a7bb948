"""A real Prometheus scrapes a running stack through a simulated day: every panel's and every alert's query has data."""

import math
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grafana.preview.album import take_all
from grafana.preview.live import Live
from grafana.preview.resolving import promql
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.metrics import METRICS
from pipeline.catalogue.topics import raw_topic
from pipeline.simulator.shapes import DAY, MINUTE
from pipeline.simulator.simulate import simulate
from tests.servers.metrics import exposition
from tests.servers.prometheus import PrometheusProcess
from tests.servers.stack import StackProcess
from tests.unit.observability.dashboards import DASHBOARDS, RULES, PanelQuery, alerts, queries
from tests.waiting import eventually

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not PrometheusProcess.is_installed(), reason="prometheus is not installed"),
]

PEOPLE = 600
"""Enough that in a day every kind of cause has its effects."""
PORTIONS = 12
PAUSE_SECONDS = 3.0
SETTLING_SECONDS = 35.0
"""Withdrawals are counted after 30 s, open journeys told every 15 s."""
TELLING_SECONDS = 120.0
"""On a busy machine they are told less often."""
PANELS = list(queries("prometheus"))

NEEDS_DAYS = {
    "touchpoint:touchline_frictions_per_event:normal7d",
    "touchpoint:touchline_frictions:expected30m",
    "source:touchline_events:usual30m",
}
"""Recorded series that exist after a day at the earliest."""


class Watched(NamedTuple):
    """A stack that has had its day, and the Prometheus that watched."""

    stack: StackProcess
    prometheus: PrometheusProcess
    began: float


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    directory = tmp_path_factory.mktemp("watched")
    with StackProcess(directory / "stack", collector=True) as stack:
        target = f"127.0.0.1:{stack.web_port}"
        began = time.time()
        collector = f"127.0.0.1:{stack.collector_port}"
        with PrometheusProcess(directory / "prometheus", [target], RULES, [collector]) as prometheus:
            time.sleep(PAUSE_SECONDS)
            _play(stack)
            time.sleep(SETTLING_SECONDS)
            yield Watched(stack, prometheus, began)


def _play(stack: StackProcess) -> None:
    """A day of a retailer, one of six weeks ago whose journeys are closed, and a message that is no event."""
    now = time.time_ns() // 1_000_000
    today = [one.event for one in simulate(7, PEOPLE, now - now % MINUTE - DAY)]
    past = [one.event for one in simulate(8, 40, now - now % MINUTE - 75 * DAY)]
    for portion in range(PORTIONS):
        first, *others = today[portion::PORTIONS]
        assert stack.post([first]) == HTTPStatus.ACCEPTED
        stack.send(others)
        if portion == PORTIONS // 2:
            stack.send(past)  # at once: what is long over counts as closed when the first of it is there
        _reject(stack)
        stack.settle()
        time.sleep(PAUSE_SECONDS)


def _reject(stack: StackProcess) -> None:
    assert stack.post([{"specversion": "1.0", "id": "1", "source": "/shop/web"}]) == HTTPStatus.BAD_REQUEST
    with EventProducer(stack.servers) as producer:
        producer.send(raw_topic("web"), b"not an event")


def _has_values(series: list[dict[str, Any]]) -> bool:
    values = [float(value) for one in series for _, value in one.get("values", [one.get("value")])]
    return any(not math.isnan(value) for value in values)


def _answer(watched: Watched, query: PanelQuery) -> list[dict[str, Any]]:
    elapsed = int(time.time() - watched.began) + 1
    expression = promql(query.text, rate_seconds=20, range_seconds=elapsed)
    if query.instant:
        return watched.prometheus.at_once(expression)
    return watched.prometheus.over_time(expression, elapsed, 5)


def _excused(expression: str) -> bool:
    return any(name in expression for name in NEEDS_DAYS)


@pytest.mark.parametrize("query", PANELS, ids=lambda query: query.name)
def test_a_panel_has_data(watched: Watched, query: PanelQuery) -> None:
    found = _answer(watched, query)
    assert _has_values(found) or _excused(query.text), query.text


def test_previews_show_what_happened(watched: Watched, tmp_path: Path) -> None:
    client = watched.stack.client()
    now = time.time()
    sources = Live(watched.prometheus.url, client, now - DAY / 1000, now, 5)
    taken = list(take_all(sources, tmp_path))
    client.close()
    assert {one.name for one in taken} == {path.stem for path in DASHBOARDS}
    assert [(one.name, one.empty) for one in taken if one.empty] == []


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert['alert']} {alert['labels'].get('window', '')}")
def test_an_alert_compares_series_that_exist(watched: Watched, alert: dict[str, Any]) -> None:
    watched.prometheus.at_once(alert["expr"])
    bare = re.sub(r'"[^"]*"', "", alert["expr"])
    for name in set(re.findall(r"\b(?:[a-z]+:)?touchline_\w+(?::\w+)?", bare)) - NEEDS_DAYS:
        assert watched.prometheus.at_once(f"count({name})"), name


def test_rules_are_evaluated_without_errors(watched: Watched) -> None:
    evaluated = [rule for group in watched.prometheus.rule_groups() for rule in group["rules"]]
    assert len(evaluated) > 30
    assert [(rule["name"], rule["lastError"]) for rule in evaluated if rule.get("lastError")] == []
    assert {rule["health"] for rule in evaluated} == {"ok"}


def test_the_counters_are_what_the_tables_hold(watched: Watched) -> None:
    ((accepted,),) = watched.stack.rows("SELECT count() FROM touchpoints")
    assert _sum(watched, "touchline_events_total") == accepted
    ((stored,),) = watched.stack.rows("SELECT count() FROM frictions")
    assert stored > 100
    counted, withdrawn = _sum(watched, "touchline_frictions_total"), _sum(watched, "touchline_friction_withdrawn_total")
    assert counted - withdrawn == stored


def test_charts_have_journeys_for_example(watched: Watched) -> None:
    stored = {str(journey) for (journey,) in watched.stack.rows("SELECT journey_id FROM journeys")}
    elapsed = int(time.time() - watched.began) + 1
    told: list[str] = []
    for metric in (one for one in METRICS if one.exemplars):
        series = f"{metric.name}_bucket" if metric.buckets else metric.name
        found = watched.prometheus.exemplars(series, elapsed)
        named = [one["labels"]["journey_id"] for each in found for one in each["exemplars"]]
        assert named, series
        told += named
    # This day is played out of order, and each earlier first event gives a journey another id.
    assert len(stored.intersection(told)) > len(set(told)) / 10


def test_what_is_measured_is_what_the_tables_hold(watched: Watched) -> None:
    for metric, condition in (
        ("touchline_queue_wait_seconds_count", "type = 'store.queue_left'"),
        ("touchline_page_lcp_seconds_count", "type = 'web.page_measured' AND JSONHas(data, 'lcp_ms')"),
    ):
        ((stored,),) = watched.stack.rows(f"SELECT count() FROM touchpoints WHERE NOT probe AND {condition}")
        assert _sum(watched, metric) == stored > 0
    ((closed,),) = watched.stack.rows("SELECT count() FROM journeys WHERE NOT probe AND status = 'closed'")
    assert _sum(watched, "touchline_journeys_total") >= closed > 0  # more, as history closes before it is complete


def _sum(watched: Watched, metric: str) -> float:
    (found,) = watched.prometheus.at_once(f"sum({metric})")
    return float(found["value"][1])


def test_open_journeys_are_those_of_the_table(watched: Watched) -> None:
    eventually(lambda: _told(watched) == _open(watched), TELLING_SECONDS, PAUSE_SECONDS)
    assert _told(watched) == _open(watched)


def _told(watched: Watched) -> dict[str, float]:
    series = watched.prometheus.at_once("touchline_open_journeys")
    return {one["metric"]["stage"]: float(one["value"][1]) for one in series}


def _open(watched: Watched) -> dict[str, float]:
    rows = watched.stack.rows(
        "SELECT furthest_stage, count() FROM journeys WHERE status = 'open' AND NOT probe GROUP BY furthest_stage"
    )
    return {str(stage): float(count) for stage, count in rows}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_what_a_worker_exposes_is_well_formed(watched: Watched) -> None:
    (worker,) = watched.stack.worker_urls
    shown = exposition(worker).encode()
    result = subprocess.run(["promtool", "check", "metrics"], input=shown, capture_output=True, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, b"")
