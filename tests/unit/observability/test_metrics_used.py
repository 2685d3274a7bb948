"""Dashboards, rules and the declared metrics fit together."""

import re

import pytest

from agents.collector.metrics import COLLECTOR_METRICS
from grafana.preview.resolving import promql
from pipeline.adapters.metrics import METRICS
from tests.unit.observability.dashboards import DASHBOARDS, ROOT, load, queries, rules

DECLARED = (*METRICS, *COLLECTOR_METRICS)
FOREIGN = {"up", "ALERTS", "process_resident_memory_bytes"}
"""Prometheus' own, and the process'."""


def expressions() -> list[str]:
    return [*(query.text for query in queries("prometheus")), *(rule["expr"] for rule in rules())]


def names(expression: str) -> set[str]:
    bare = re.sub(r'"[^"]*"', "", expression)
    return set(re.findall(r"\b(?:[a-z]+:)?touchline_\w+(?::\w+)?|\btouchline:\w+:\w+", bare))


def exposed() -> set[str]:
    found: set[str] = set()
    for metric in DECLARED:
        has_buckets = metric.kind.__name__ in ("Histogram", "Distribution")
        found |= {metric.name + suffix for suffix in (("_bucket", "_sum", "_count") if has_buckets else ("",))}
    return found


def test_every_metric_that_is_used_is_declared_or_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = set().union(*(names(expression) for expression in expressions()))
    assert len(used) > 30
    assert used <= exposed() | recorded


def test_every_recorded_series_is_used() -> None:
    used = set().union(*(names(expression) for expression in expressions()))
    assert {rule["record"] for rule in rules() if "record" in rule} <= used


def test_every_declared_metric_is_used_or_explained() -> None:
    used = set().union(*(names(expression) for expression in expressions()))
    readme = (ROOT / "grafana" / "README.md").read_text()
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in used}
    assert [metric.name for metric in METRICS if metric.name not in families and f"`{metric.name}`" not in readme] == []


def test_labels_that_are_used_are_declared() -> None:
    declared = {metric.name: {*metric.labels, "le", "instance", "job"} for metric in DECLARED}
    for expression in expressions():
        for name, matchers in re.findall(r"\b(touchline_\w+)\{([^}]*)\}", promql(expression)):
            labels = set(re.findall(r"(\w+)\s*[=!]~?\s*\"", matchers))
            assert labels <= declared[re.sub(r"_(bucket|sum|count)$", "", name)], expression


def test_variables_ask_for_declared_labels() -> None:
    declared = {metric.name: metric.labels for metric in METRICS}
    for path in DASHBOARDS:
        for variable in load(path)["templating"]["list"]:
            if variable["type"] == "query":
                match = re.fullmatch(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", variable["query"]["query"])
                assert match is not None
                assert match[2] in declared[match[1]]


def test_promql_is_well_formed() -> None:
    parser = pytest.importorskip("promql_parser", reason="promql-parser is not installed")
    for expression in expressions():
        parser.parse(promql(expression))


def test_foreign_metrics_are_few() -> None:
    parser = pytest.importorskip("promql_parser", reason="promql-parser is not installed")
    foreign: set[str] = set()
    for expression in expressions():
        bare = parser.parse(promql(expression)).prettify()
        words = re.findall(r"(?<![:\w])([A-Za-z_]\w*)(?=\{)", bare)
        foreign |= {word for word in words if not word.startswith("touchline")}
    assert foreign <= FOREIGN
