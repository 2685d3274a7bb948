"""The README names what there is."""

from pathlib import Path

from agents.collector.metrics import COLLECTOR_METRICS, CollectorMetrics
from pipeline.collecting.segment import CALLS
from pipeline.settings.collector import Collector
from pipeline.settings.fields import fields_of

README = (Path(__file__).parents[4] / "agents" / "collector" / "README.md").read_text()


def test_it_names_every_metric_and_every_metric_is_there() -> None:
    exposed = CollectorMetrics().exposition()[0].decode()
    for metric in COLLECTOR_METRICS:
        assert f"`{metric.name}`" in README
        assert f"# HELP {metric.name} {metric.help}" in exposed


def test_it_names_every_setting_but_those_of_the_stack() -> None:
    assert [key for key in fields_of(Collector) if f"collector.{key}" not in README] == ["enabled"]


def test_it_names_every_call() -> None:
    assert all(f"`/v1/{call}`" in README for call in CALLS)
