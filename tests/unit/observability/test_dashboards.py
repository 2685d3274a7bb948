"""The dashboards keep the rules of Grafana's schema, and say what they show."""

import json
import re
from importlib import import_module
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from pipeline.adapters.metrics import METRICS
from tests.unit.observability.dashboards import DASHBOARDS, ROOT, Json, PanelQuery, anchors, load, panels, queries

KINDS = {"row", "timeseries", "stat", "bargauge", "table", "barchart", "heatmap"}
UNITS = {"short", "s", "percentunit", "bytes", "eps", "reqps", "rowsps", "h"}
BUILT_IN = {
    "__all",
    "__rate_interval",
    "__range",
    "__range_s",
    "__value",
    "__timeFilter",
    "__fromTime",
    "__toTime",
    "__timeInterval",
    "__interval_s",
    "__conditionalAll",
    "__url_time_range",
    "__all_variables",
}
COLUMNS = 24


def by_name(path: Path) -> str:
    return path.stem


every_dashboard = pytest.mark.parametrize("path", DASHBOARDS, ids=by_name)


def shown(dashboard: Json) -> list[Json]:
    return [panel for panel in panels(dashboard) if panel["type"] != "row"]


def overlap(one: Json, other: Json) -> bool:
    a, b = one["gridPos"], other["gridPos"]
    apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    return not apart and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


def test_the_files_are_what_the_generator_writes() -> None:
    pytest.importorskip("grafana_foundation_sdk", reason="grafana-foundation-sdk is not installed")
    from grafana.generator.boards import BOARDS

    assert {path.name: path.read_text() for path in DASHBOARDS} == {f"{one.name}.json": one.json() for one in BOARDS}


@every_dashboard
def test_the_models_of_the_published_schema_read_it_without_loss(path: Path) -> None:
    pytest.importorskip("grafana_foundation_sdk", reason="grafana-foundation-sdk is not installed")
    from grafana_foundation_sdk.models.dashboard import Dashboard

    document = load(path)
    assert as_json(Dashboard.from_json(document)) == document
    assert document["schemaVersion"] == 41  # of Grafana 11.6
    for panel in shown(document):
        model = import_module(f"grafana_foundation_sdk.models.{panel['type']}")
        read = as_json(model.Options.from_json(panel["options"]))
        assert {name: read.get(name) for name in panel["options"]} == panel["options"], panel["title"]
        custom = panel["fieldConfig"]["defaults"]["custom"]
        if custom:
            read = as_json(model.FieldConfig.from_json(custom))
            assert {name: read.get(name) for name in custom} == custom, panel["title"]


def as_json(model: object) -> Json:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    document: Json = json.loads(JSONEncoder().encode(model))
    return document


def test_uids_and_titles_are_unique() -> None:
    dashboards = [load(path) for path in DASHBOARDS]
    assert len(dashboards) == 8
    for field in ("uid", "title"):
        assert len({one[field] for one in dashboards}) == len(dashboards)
    assert all(re.fullmatch(r"[a-z-]{1,40}", one["uid"]) for one in dashboards)


@every_dashboard
def test_panels_have_ids_of_their_own_and_do_not_overlap(path: Path) -> None:
    found = panels(load(path))
    assert len({panel["id"] for panel in found}) == len(found)
    assert [pair for pair in combinations(found, 2) if overlap(*pair)] == []
    for panel in found:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["w"] >= 1
        assert place["x"] + place["w"] <= COLUMNS


@every_dashboard
def test_panels_say_what_they_show(path: Path) -> None:
    for panel in shown(load(path)):
        assert panel["type"] in KINDS
        assert len(panel["description"]) > 15, panel["title"]
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in UNITS
        steps = defaults["thresholds"]["steps"]
        values = [step["value"] for step in steps[1:]]
        assert steps[0]["value"] is None
        assert values == sorted(values)


@every_dashboard
def test_targets_have_reference_ids_and_provisioned_sources(path: Path) -> None:
    provisioning = yaml.safe_load((ROOT / "grafana/provisioning/datasources/touchline.yml").read_text())
    known = {(source["type"], source["uid"]) for source in provisioning["datasources"]}
    for panel in shown(load(path)):
        targets = panel["targets"]
        assert len({target["refId"] for target in targets}) == len(targets) > 0
        for target in targets:
            source = target["datasource"]
            assert (source["type"], source["uid"]) in known
            assert source == panel["datasource"]


@every_dashboard
def test_a_point_of_a_chart_tells_of_the_time_since_the_one_before_it(path: Path) -> None:
    for panel in shown(load(path)):
        for target in panel["targets"]:
            assert "interval" not in target, "$__rate_interval is at least four times the shortest step of a query"
        assert re.fullmatch(r"\d+m", panel.get("interval", "1m")), panel["title"]


@every_dashboard
def test_variables_that_are_used_exist(path: Path) -> None:
    dashboard = load(path)
    given = {variable["name"] for variable in dashboard["templating"]["list"]}
    texts = [value for value in _strings(dashboard) if "${__value" not in value]
    used = {name for text in texts for name in re.findall(r"\$\{?(\w+)", text)}
    assert used - BUILT_IN <= given
    assert given - {"runbook"} <= used


@every_dashboard
def test_links_lead_somewhere(path: Path) -> None:
    uids = {load(other)["uid"]: {one["name"] for one in load(other)["templating"]["list"]} for other in DASHBOARDS}
    entries = anchors()
    for url in _urls(load(path)):
        target = re.fullmatch(r"/d/([\w-]+)\?(?:var-(\w+)=.*|\$\{__url_time_range\}&\$\{__all_variables\})", url)
        if target is None:
            assert url.startswith("${runbook}#")
            assert url.partition("#")[2] in entries
        else:
            assert target[1] in uids
            assert target[2] is None or target[2] in uids[target[1]]


def test_what_charts_name_for_example_leads_to_a_dashboard() -> None:
    provisioning = yaml.safe_load((ROOT / "grafana/provisioning/datasources/touchline.yml").read_text())
    (address,) = [
        each["url"]
        for one in provisioning["datasources"]
        for each in one["jsonData"].get("exemplarTraceIdDestinations", ())
    ]
    target = re.fullmatch(r"/d/([\w-]+)\?var-(\w+)=\$\$\{__value\.raw\}", address)
    assert target is not None
    board = next(one for one in map(load, DASHBOARDS) if one["uid"] == target[1])
    assert target[2] in {one["name"] for one in board["templating"]["list"]}


def test_every_chart_of_a_metric_with_examples_shows_them() -> None:
    names = "|".join(metric.name for metric in METRICS if metric.exemplars)
    for path in DASHBOARDS:
        for panel in panels(load(path)):
            for target in panel.get("targets", []):
                over_time = target.get("range") and target.get("format") != "heatmap"
                named = re.search(rf"\b({names})(_bucket)?\b", target.get("expr", ""))
                assert bool(target.get("exemplar")) == bool(over_time and named), panel["title"]


def test_what_is_counted_over_the_time_shown_includes_first_counts() -> None:
    grown = [
        found for query in queries("prometheus") for found in re.findall(r"increase\((.+?)\[\$__range\]", query.text)
    ]
    begun = "\n".join(query.text for query in queries("prometheus"))
    assert len(grown) > 5
    assert [series for series in grown if f"{series} offset $__range)" not in begun] == []


@pytest.mark.parametrize("query", list(queries("clickhouse")), ids=lambda query: query.name)
def test_sql_keeps_to_the_time_shown_and_to_customers(query: PanelQuery) -> None:
    assert re.search(r"\$__(timeFilter\(|fromTime|toTime)", query.text)
    assert "NOT probe" in query.text or "FROM dead_letters" in query.text


@pytest.mark.parametrize("query", list(queries("clickhouse")), ids=lambda query: query.name)
def test_no_panel_puts_the_steps_of_all_journeys_in_order(query: PanelQuery) -> None:
    assert not re.search(r"\b(FROM|JOIN) journeys\b", query.text), "the view `journeys` does, whatever is chosen of it"


def _urls(value: object) -> list[str]:
    if isinstance(value, dict):
        return [item for key, each in value.items() for item in ([each] if key == "url" else _urls(each))]
    return [item for each in value for item in _urls(each)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [item for each in value.values() for item in _strings(each)]
    if isinstance(value, list):
        return [item for each in value for item in _strings(each)]
    return [value] if isinstance(value, str) else []
