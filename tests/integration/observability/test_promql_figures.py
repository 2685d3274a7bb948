"""What PromQL panels say of a few series whose figures are plain."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from grafana.preview.resolving import promql
from tests.unit.observability.dashboards import queries

pytestmark = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")

HOUR = 3600
SHOPPERS = "Experience now: Mystery shoppers stumbled"
JOB = 'job="touchline-workers", instance="a"'


def check(
    directory: Path, panel: str, series: Mapping[str, str], shown: Mapping[str, float], at: str = "1h", **chosen: str
) -> None:
    """Let promtool compare what the last query of a panel finds, over the last hour, with what is to be shown.

    Args:
        directory: For promtool's file.
        panel: Name of the board and title.
        series: Values minute by minute, as promtool writes them.
        shown: Value by labels.
        at: Time since the series began.
        chosen: Values of variables; what is not in it has all values.
    """
    text = [one.text for one in queries("prometheus") if one.name == panel][-1]
    for name, value in chosen.items():
        text = text.replace(f"${name}", value)
    asked = {
        "expr": promql(text, range_seconds=HOUR),
        "eval_time": at,
        "exp_samples": [{"labels": labels, "value": value} for labels, value in shown.items()],
    }
    given = [{"series": name, "values": values} for name, values in series.items()]
    path = directory / "figures.json"
    path.write_text(json.dumps({"tests": [{"interval": "1m", "input_series": given, "promql_expr_test": [asked]}]}))
    result = subprocess.run(["promtool", "test", "rules", path], capture_output=True, check=False, timeout=60)
    assert result.returncode == 0, (result.stdout + result.stderr).decode()


def test_a_source_is_silent_though_the_worker_that_heard_of_it_was_started_afresh(tmp_path: Path) -> None:
    heard = f'touchline_source_last_event_timestamp_seconds{{source="delivery", {JOB}}}'
    check(tmp_path, "Pipeline health: Silence", {heard: "0x10 stale"}, {'{source="delivery"}': HOUR})


def stumbled(values: str) -> dict[str, str]:
    labels = f'kind="page_error", touchpoint="website", owner="digital", channel="web", probe="1", {JOB}'
    return {f'touchline_frictions_total{{{labels}, severity="2"}}': values}


def test_the_first_friction_of_a_worker_counts(tmp_path: Path) -> None:
    process = {f"up{{{JOB}}}": "1x80", f"process_start_time_seconds{{{JOB}}}": "0x80"}
    check(tmp_path, SHOPPERS, process | stumbled("_x50 1x30"), {"{}": 1}, "80m")


def test_frictions_from_before_prometheus_looked_are_not_of_the_last_hour(tmp_path: Path) -> None:
    process = {f"up{{{JOB}}}": "_x50 1x30", f"process_start_time_seconds{{{JOB}}}": "_x50 -9000x30"}
    check(tmp_path, SHOPPERS, process | stumbled("_x50 7x30"), {"{}": 0}, "80m")


def owned(values: str) -> dict[str, str]:
    labels = f'kind="rage_click", touchpoint="website", owner="digital", channel="web", probe="0", {JOB}'
    return {f'touchline_frictions_total{{{labels}, severity="2"}}': values}


def worker(up: str = "1x150", began: str = "0x150") -> dict[str, str]:
    """What Prometheus knows of a worker: whether it answered, and when its process began, seconds."""
    return {f"up{{{JOB}}}": up, f"process_start_time_seconds{{{JOB}}}": began}


@pytest.mark.parametrize(
    ("process", "values", "count"),
    [
        pytest.param(worker(), "0+2x120", 120, id="a worker of long ago"),
        pytest.param(worker(), "_x80 1x70", 1, id="a series that began in the hour"),
        pytest.param(worker(), "_x80 3+1x40", 43, id="one that began and grew"),
        pytest.param(worker(), "_x80 3x10 stale", 3, id="one that began and ended"),
        pytest.param(worker(), "_x120 4", 4, id="one that just began"),
        pytest.param(worker("_x90 1x60", "_x90 5400x60"), "_x90 7x60", 7, id="a worker of this hour"),
        pytest.param(worker(began="0x90 5400x60"), "20x90 1x60", 1, id="a restart"),
        pytest.param(worker(began="0x90 5400x60"), "_x70 90x19 0x60", 90, id="one that ended with a restart"),
        pytest.param(worker(began="0x90 5400x60"), "_x70 1+1x19 0+1x60", 50, id="one that began before a restart"),
        pytest.param(worker("_x80 1x70", "_x80 0x70"), "_x80 90x70", 0, id="Prometheus began to look"),
        pytest.param(worker("1x50 0x30 1x70"), "90x50 _x30 90x70", 0, id="a worker out of reach when the hour began"),
    ],
)
def test_what_was_counted_in_the_time_shown_includes_first_counts(
    tmp_path: Path, process: dict[str, str], values: str, count: int
) -> None:
    check(tmp_path, "Experience now: Frictions by owner", process | owned(values), {'{owner="digital"}': count}, "2h")


def test_the_value_at_risk_is_that_at_the_touchpoints_of_the_chosen_owner(tmp_path: Path) -> None:
    events = f"touchline_touchpoint_events_total{{{JOB}"
    risk = f"touchline_order_value_at_risk{{{JOB}"
    series = {
        f'{events}, touchpoint="doorstep", owner="logistics"}}': "0x60",
        f'{events}, touchpoint="checkout", owner="sales"}}': "0x60",
        f'{events}, touchpoint="checkout", owner="digital"}}': "0x60",
        f'{risk}, touchpoint="doorstep", currency="EUR"}}': "30x60",
        f'{risk}, touchpoint="checkout", currency="EUR"}}': "50x60",
        f'{risk}, touchpoint="other", currency="EUR"}}': "7x60",
    }
    panel = "Experience now: Order value at risk"
    check(tmp_path, panel, series, {'{currency="EUR"}': 87})
    check(tmp_path, panel, series, {'{currency="EUR"}': 57}, owner="(digital|payments)")
    check(tmp_path, panel, series, {'{currency="EUR"}': 37}, owner="logistics")


def test_a_channel_on_which_nobody_was_answered_has_no_bar(tmp_path: Path) -> None:
    series = {
        f'touchline_first_reply_seconds_bucket{{{JOB}, channel="{channel}", le="{bound}"}}': values
        for channel, values in (("chat", "0x30 10x30"), ("email", "0x60"))
        for bound in ("30.0", "+Inf")
    }
    check(tmp_path, "Support: First reply, by channel", series, {'{channel="chat"}': 27})


def test_stages_between_which_no_journey_went_have_no_bar(tmp_path: Path) -> None:
    bucket = f'touchline_stage_seconds_bucket{{{JOB}, from_stage="buy", to_stage="use", le="+Inf"}}'
    check(tmp_path, "Journeys: From stage to stage", {bucket: "0x60"}, {})
