"""Every alert says how bad it is, whose it is, what happened and what to do."""

import re

import pytest
import yaml

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from tests.unit.observability.dashboards import ALERTMANAGER, DASHBOARDS, Json, alerts, anchors, load, rules

SEVERITIES = {"critical", "warning", "none"}
every_alert = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))


def owners() -> set[str]:
    catalogue = Catalogue.load(schema_directories())
    return {touchpoint.owner for touchpoint in catalogue.touchpoints.values()} | {"pipeline"}


@every_alert
def test_an_alert_has_a_severity_an_owner_and_a_runbook_entry(alert: Json) -> None:
    assert alert["labels"]["severity"] in SEVERITIES
    own = alert["labels"].get("owner")
    assert own in owners() if own else re.search(r"by \([^)]*owner|objective:|touchpoint:", alert["expr"])
    notes = alert["annotations"]
    assert notes["runbook_url"] == f"deploy/prometheus/RUNBOOK.md#{alert['alert'].lower()}"
    assert notes["runbook_url"].partition("#")[2] in anchors()


@every_alert
def test_an_alert_is_understood_at_night(alert: Json) -> None:
    summary, description = alert["annotations"]["summary"], alert["annotations"]["description"]
    assert 20 < len(re.sub(r"\{\{.*?\}\}", "x", summary)) < 160
    assert description.endswith(".")
    assert "touchline_" not in summary


@every_alert
def test_an_alert_leads_to_a_dashboard_that_exists(alert: Json) -> None:
    address = alert["annotations"].get("dashboard", "/d/touchline-pipeline-health")
    assert address.removeprefix("/d/").partition("?")[0] in {load(path)["uid"] for path in DASHBOARDS}


def test_every_runbook_entry_belongs_to_an_alert() -> None:
    assert anchors() == {alert["alert"].lower() for alert in alerts()}


def test_recording_rules_are_named_by_level_metric_and_operation() -> None:
    for rule in rules():
        assert "alert" in rule or re.fullmatch(r"[a-z]+:[a-z_]+:[a-z0-9_]+", rule["record"])


def test_the_checkouts_of_the_objective_are_those_that_were_started() -> None:
    (total,) = [rule["expr"] for rule in rules() if "touchline_touchpoint_events_total{touchpoint" in rule["expr"]]
    (labels,) = {tuple(re.findall(r'"(\w+)"', matchers)) for matchers in re.findall(r"\{(.+?)\}", total)}
    types = Catalogue.load(schema_directories()).touchpoints.values()
    found = [one.type for one in types if (one.touchpoint, one.owner, one.stage) == labels]
    assert found == ["web.checkout_started"]


def test_every_owner_has_a_receiver_and_a_route() -> None:
    settings = yaml.safe_load(ALERTMANAGER.read_text())
    routed = {match[1]: route["receiver"] for route in settings["route"]["routes"] for match in _owner(route)}
    assert routed == {owner: owner for owner in owners()}
    assert set(routed.values()) <= {receiver["name"] for receiver in settings["receivers"]}


def _owner(route: Json) -> list[re.Match[str]]:
    found = [re.fullmatch(r'owner="(\w+)"', matcher) for matcher in route["matchers"]]
    return [match for match in found if match]
